import type { GraphBuilder } from "../builder.ts";
import { NCHWC } from "../builder.ts";
import { type BlockedConv, blockedConv, inBlocks, reshaped, stored } from "./channels.ts";
import { type BlockedValue, type ChannelLayout, filledUp } from "./layout.ts";

/** How a square kernel moves over an image. */
export interface Kernel {
  size: number;
  stride: number;
  padding: number;
}

/**
 * Whether there are operators on blocked tensors for a convolution and both of its gradients: kernels of 1 or 3 pixels that
 * keep the sides, or halve even ones.
 */
export function fitsBlocks(builder: GraphBuilder, [, , h, w]: readonly number[], kernel: Kernel): boolean {
  const { size, stride, padding } = kernel;
  if (!builder.blockSize || (size !== 1 && size !== 3) || padding !== (size - 1) / 2) return false;
  return stride === 1 || stride === 2 && h % 2 === 0 && w % 2 === 0;
}

/** Name of a value per channel, [C], in front of which a weight has other axes: as it lies, behind so many axes of 1. */
const perChannel = (builder: GraphBuilder, id: number) => reshaped(builder, builder.full(id), [-1, 1, 1, 1]);

/**
 * A weight [O, I, k, k], scaled by output channel where a scale is given, with both axes as they are stored and a block of
 * input channels innermost: [O, I / B, k k, B]. What brings images into blocks does it several times faster than Transpose.
 */
function storedWeight(
  builder: GraphBuilder,
  weight: number,
  { output, input }: { output: ChannelLayout; input: ChannelLayout },
  scale?: number,
): string {
  const name = builder.full(weight), B = builder.blockSize, taps = builder.value(weight).shape[2] ** 2;
  const scaled = scale === undefined ? name : builder.emitOne("Mul", [name, perChannel(builder, scale)]);
  const plain = stored(builder, stored(builder, scaled, output, 0, 4), input, 1, 4);
  if (taps === 1) return plain;
  const images = reshaped(builder, plain, [output.length * input.length / B, B, taps, 1]);
  return builder.emitOne("ReorderInput", [images], {}, NCHWC);
}

/** The convolution of values; `bias` and `scale` are per output channel. */
export function forward(
  builder: GraphBuilder,
  { x, weight, scale, bias, add }: { x: number; weight: number; scale?: number; bias?: number; add?: BlockedValue },
  { size, stride, padding }: Kernel,
  relu: boolean,
): BlockedValue {
  const input = inBlocks(builder, x), B = builder.blockSize, layout = filledUp(builder.value(weight).shape[0], B);
  const places = { o: layout.length, i: input.layout.length };
  const plain = storedWeight(builder, weight, { output: layout, input: input.layout }, scale);
  const parts = reshaped(builder, plain, [places.o / B, B, places.i * size ** 2, 1]);
  const turned = builder.emitOne("ReorderInput", [parts], {}, NCHWC); // [O/B, I/B, k, k, Bi, Bo]
  const name = blockedConv(builder, input.name, reshaped(builder, turned, [places.o, places.i, size, size]), {
    kernel: [size, size],
    pads: new Array<number>(4).fill(padding),
    stride,
    relu,
    ...(bias !== undefined && { bias: stored(builder, builder.full(bias), layout, 0, 1) }),
    ...(add && { add: add.name }),
  });
  return { name, layout };
}

/** The taps of a 3 x 3 kernel by which a pixel of an even or odd row and column of the image is reached at stride 2. */
const PARITIES: { taps: number[]; kernel: [number, number] }[] = [
  { taps: [4], kernel: [1, 1] },
  { taps: [5, 3], kernel: [1, 2] },
  { taps: [7, 1], kernel: [2, 1] },
  { taps: [8, 6, 2, 0], kernel: [2, 2] },
];

/** What a gradient to an image is computed from. */
export interface InputGradient {
  dy: BlockedValue;
  weight: number;
  /** Factor of each channel of `dy`. */
  scale?: number;
  /** How the image's channels lie. */
  layout: ChannelLayout;
  /** Added to the gradient, with its layout; at stride 2 it has the small sides and is added at even rows and columns. */
  add?: string;
}

/** The gradient to an image [N, C, H, W]; a 1 x 1 kernel's is left at the small sides, where all of it lies. */
export function inputGradient(
  builder: GraphBuilder,
  { dy, weight, scale, layout, add }: InputGradient,
  [n, , h, w]: readonly number[],
  { size, stride }: Kernel,
): string {
  const B = builder.blockSize, [o, i] = [dy.layout.length / B, layout.length / B];
  const plain = storedWeight(builder, weight, { output: dy.layout, input: layout }, scale);
  const parts = reshaped(builder, plain, [o, B, i, size * size, B]);
  const turned = builder.emitOne("Transpose", [parts], { perm: [2, 0, 3, 1, 4] }); // [I/B, O/B, taps, Bo, Bi]
  const convolve = (taps: number[], options: BlockedConv) => {
    const chosen = size === 1 ? turned : builder.emitOne("Gather", [turned, builder.int64(taps)], { axis: 2 });
    return blockedConv(builder, dy.name, reshaped(builder, chosen, [i * B, o * B, ...options.kernel]), options);
  };
  if (size === 1) return convolve([0], { kernel: [1, 1], add });
  if (stride === 1) return convolve([8, 7, 6, 5, 4, 3, 2, 1, 0], { kernel: [3, 3], pads: [1, 1, 1, 1], add });
  const [evenEven, evenOdd, oddEven, oddOdd] = PARITIES.map(({ taps, kernel }, k) =>
    convolve(taps, { kernel, pads: [0, 0, kernel[0] - 1, kernel[1] - 1], add: k === 0 ? add : undefined })
  );
  const row = (even: string, odd: string) => {
    const columns = [even, odd].map((part) => reshaped(builder, part, [n * i, h / 2, w / 2, 1, B]));
    return reshaped(builder, builder.emitOne("Concat", columns, { axis: 3 }), [n * i, h / 2, 1, w * B]);
  };
  const rows = builder.emitOne("Concat", [row(evenEven, evenOdd), row(oddEven, oddOdd)], { axis: 2 });
  return reshaped(builder, rows, [n, i * B, h, w]);
}

/** Small sides brought to the even rows and columns of large ones, with zeros between. */
export function spreadOut(
  builder: GraphBuilder,
  { name, layout }: BlockedValue,
  [n, , h, w]: readonly number[],
): string {
  const B = builder.blockSize, rows = reshaped(builder, name, [n * layout.length / B, h / 2, 1, w / 2, B]);
  const spread = builder.emitOne("Pad", [rows, builder.int64([0, 0, 0, 0, 0, 0, 0, 1, 0, B])]);
  return reshaped(builder, spread, [n, layout.length, h, w]);
}
