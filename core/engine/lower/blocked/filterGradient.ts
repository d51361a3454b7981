import type { GraphBuilder } from "../builder.ts";
import { NCHWC } from "../builder.ts";
import { blockedConv, reshaped, taken } from "./channels.ts";
import type { Kernel } from "./conv.ts";
import type { BlockedValue } from "./layout.ts";

/** Bytes of the filter of one call that still lie in half of a second-level cache. */
const CACHED = 1.1e6;

/** Whole blocks of images: the sum over images runs over blocks, to which images of zeros are added. */
function inBatches(builder: GraphBuilder, name: string, images: number): string {
  const more = -images & builder.blockSize - 1;
  return more ? builder.emitOne("Pad", [name, builder.int64([0, 0, 0, 0, more, 0, 0, 0])]) : name;
}

/**
 * The gradient to a weight as one wide convolution in which images and channels change roles:
 * dW[o, i, r, c] = sum over n, h, w of dY[n, o, h, w] X[n, i, h + r - 1, w + c - 1].
 *
 * Its batch is the block of i, its channels are n, its filter is dY, as large as the map, and its image is X with n
 * innermost and (w, i in block) beside one another as one long row, over which the filter moves in steps of a block. Large
 * maps are cut into bands of rows, which become channels, so that the filter of one call stays in the cache.
 *
 * @param shape of x, [N, C, H, W]
 * @returns name of the gradient [O, I, k, k]
 */
export function filterGradient(
  builder: GraphBuilder,
  x: BlockedValue,
  dy: BlockedValue,
  [images, , height, width]: readonly number[],
  { size, stride: steps }: Kernel,
): string {
  const B = builder.blockSize, [i, o] = [x.layout.length / B, dy.layout.length / B];
  const nb = Math.ceil(images / B), n = nb * B, [rows, columns] = [height / steps, width / steps];
  let [h, w, stride] = [height, width, steps];
  let image = inBatches(builder, x.name, images);
  if (size === 1 && stride === 2) {
    const parts = reshaped(builder, image, [n * i, h, w, B]), ends = [[0, 0], [h, w], [1, 2], [2, 2]];
    image = builder.emitOne("Slice", [parts, ...ends.map((values) => builder.int64(values))]);
    [h, w, stride] = [rows, columns, 1];
  }
  const innermost = builder.emitOne("ReorderInput", [reshaped(builder, image, [1, n, 1, i * h * w * B])], {}, NCHWC);
  const bands = stride === 1 ? bandsOf(rows, columns, B, o * B) : 1, band = rows / bands;
  const left = size === 3 ? 1 : 0, right = size === 3 && stride === 1 ? 1 : 0, halo = size === 3 && bands > 1 ? 1 : 0;
  let wide = reshaped(builder, innermost, [nb, i, h, w, B * B]);
  // Columns of zeros at the sides: inside the convolution they would run on its slow path for edges. The same operator,
  // with negative numbers of rows and blocks, cuts out a band.
  const padded = (name: string, block: number[], edge: number[]) =>
    builder.emitOne("Pad", [name, builder.int64([block[0], 0, edge[0], left, 0, block[1], 0, edge[1], right, 0])]);
  if (halo) {
    const cut = Array.from({ length: nb * bands }, (_, part) => {
      const [block, k] = [Math.floor(part / bands), part % bands];
      return padded(wide, [-block, block + 1 - nb], [1 - k * band, 1 - (bands - 1 - k) * band]);
    });
    wide = builder.emitOne("Concat", cut.map((name) => reshaped(builder, name, [i, band + 2, (w + 2) * B * B])), {
      axis: 1,
    });
  } else {
    wide = i === 1 || nb === 1
      ? reshaped(builder, wide, [i, nb, h, w, B * B])
      : builder.emitOne("Transpose", [wide], { perm: [1, 0, 2, 3, 4] });
    if (size === 3) wide = padded(wide, [0, 0], [0, 0]);
  }
  wide = reshaped(builder, wide, [
    i,
    n * bands,
    halo ? band + 2 : h / (size === 1 ? bands : 1),
    (w + left + right) * B,
  ]);
  const parts = reshaped(builder, inBatches(builder, dy.name, images), [nb, B, o, rows * columns, B]);
  const turned = builder.emitOne("Transpose", [parts], { perm: [2, 0, 3, 1, 4] }); // [O/B, N/B, H W, Bn, Bo]
  const filter = reshaped(builder, turned, [o * B, n * bands, band, columns]);
  const sums = blockedConv(builder, wide, filter, {
    kernel: [band, columns],
    pads: halo ? [0, 0, 0, 0] : [left, 0, right, 0],
    dilations: [stride, stride * B],
  });
  // [I/B, O/B, k k Bi, Bo] to [O, I, k k]: what takes images out of blocks does it several times faster than Transpose.
  const outOf = (name: string, shape: number[], channels: number) =>
    builder.emitOne("ReorderOutput", [reshaped(builder, name, shape)], { channels }, NCHWC);
  const outputsApart = outOf(sums, [i, o * B, size * size * B, 1], o * B); // [I/B, O, k k, Bi]
  const apart = size === 1 ? outputsApart : outOf(outputsApart, [i * o * B, B, size * size, 1], B); // [I/B, O, Bi, k k]
  const rowsApart = reshaped(builder, apart, [i, o * B, B * size * size]);
  const turnedBack = i === 1 ? rowsApart : builder.emitOne("Transpose", [rowsApart], { perm: [1, 0, 2] });
  const plain = reshaped(builder, turnedBack, [o * B, i * B, size, size]);
  return taken(builder, taken(builder, plain, dy.layout, 0), x.layout, 1);
}

/** Bands of rows that are small enough. */
function bandsOf(rows: number, columns: number, blockSize: number, outputs: number): number {
  const bytes = (bands: number) => rows / bands * columns * blockSize * Math.min(outputs, 4 * blockSize) * 4;
  let bands = 1;
  while (bytes(bands) > CACHED && rows % (2 * bands) === 0) bands *= 2;
  return bands;
}
