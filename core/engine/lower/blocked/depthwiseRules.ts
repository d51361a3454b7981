import type { GraphBuilder } from "../builder.ts";
import { NCHWC } from "../builder.ts";
import { input, type LoweringRule } from "../rule.ts";
import { blockedConv, reshaped } from "./channels.ts";

/** Whether channels fill whole blocks. */
const fits = ({ blockSize }: GraphBuilder, channels: number) => blockSize > 0 && channels % blockSize === 0;

const around = (size: number) => new Array<number>(4).fill((size - 1) / 2);

/** A value [N, H, W, C] in blocks of channels: memory [N, C / B, H, W, B]. */
const inBlocks = (builder: GraphBuilder, id: number) =>
  builder.emitOne("ReorderInput", [builder.full(id)], { channels_last: 1 }, NCHWC);

/** A value with axes in this order. */
const transposed = (builder: GraphBuilder, id: number, perm: number[]) =>
  builder.emitOne("Transpose", [builder.full(id)], { perm });

/** Depthwise convolution of x [N, H, W, C], by a kernel that is turned by half a turn for the gradient to an image. */
const depthwise: LoweringRule = (builder, node) => {
  const { x, weight, bias } = node.inputs as Record<string, number>, [out] = node.outputs;
  const { shape: [channels, , size] } = builder.value(weight);
  let taps = reshaped(builder, builder.full(weight), [channels, size * size]);
  if (node.attributes.turned) {
    const reversed = builder.int64(Array.from({ length: size * size }, (_, k) => size * size - 1 - k));
    taps = builder.emitOne("Gather", [taps, reversed], { axis: 1 });
  }
  if (fits(builder, channels)) {
    const pixels = reshaped(builder, taps, [1, channels, size * size, 1]);
    const filter = builder.emitOne("ReorderInput", [pixels], {}, NCHWC); // [C / B, k k, B]
    const name = blockedConv(builder, inBlocks(builder, x), reshaped(builder, filter, [channels, 1, size, size]), {
      kernel: [size, size],
      pads: around(size),
      group: channels,
      ...(bias !== undefined && { bias: builder.full(bias) }),
    });
    return builder.set(out, builder.emitOne("ReorderOutput", [name], { channels, channels_last: 1 }, NCHWC));
  }
  const operands = [transposed(builder, x, [0, 3, 1, 2]), reshaped(builder, taps, [channels, 1, size, size])];
  const name = builder.emitOne("Conv", bias === undefined ? operands : [...operands, builder.full(bias)], {
    pads: around(size),
    group: channels,
  });
  builder.set(out, builder.emitOne("Transpose", [name], { perm: [0, 2, 3, 1] }));
};

/**
 * dW[c, u, v] = sum over n, h, w of dY[n, h, w, c] X[n, h + u - 2, w + v - 2, c]: X convolved by dY as a kernel of the image's size.
 * In blocks every image's channel is a group, since the images lie behind one another as groups of channels do, and sums over
 * images come last; else every channel is a group, and images are its channels.
 */
const depthwiseFilterGrad: LoweringRule = (builder, node) => {
  const x = input(node, "x"), dy = input(node, "dy"), [out] = node.outputs, size = node.attributes.size as number;
  const [images, h, w, channels] = builder.value(x).shape, all = images * channels;
  if (fits(builder, channels)) {
    const image = reshaped(builder, inBlocks(builder, x), [1, all, h, w]);
    const sums = blockedConv(builder, image, reshaped(builder, inBlocks(builder, dy), [all, 1, h, w]), {
      kernel: [h, w],
      pads: around(size),
      group: all,
    });
    const apart = builder.emitOne("ReorderOutput", [sums], { channels: all }, NCHWC); // [1, N C, k, k]
    const ofImages = reshaped(builder, apart, [images, channels, size, size]);
    const sum = builder.emitOne("ReduceSum", [ofImages, builder.int64([0])], { keepdims: 0 });
    return builder.set(out, reshaped(builder, sum, [channels, 1, size, size]));
  }
  const turned = [x, dy].map((id) => transposed(builder, id, [3, 0, 1, 2])); // [C, N, H, W]
  const image = reshaped(builder, turned[0], [1, all, h, w]);
  const sums = builder.emitOne("Conv", [image, turned[1]], { pads: around(size), group: channels }); // [1, C, k, k]
  builder.set(out, reshaped(builder, sums, [channels, 1, size, size]));
};

/** Depthwise convolutions: on blocked tensors where their channels fill blocks, else on plain ones. */
export const DEPTHWISE_RULES: Record<string, LoweringRule> = {
  Depthwise: depthwise,
  DepthwiseFilterGrad: depthwiseFilterGrad,
};
