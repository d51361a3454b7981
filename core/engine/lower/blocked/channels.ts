import type { GraphBuilder } from "../builder.ts";
import { NCHWC } from "../builder.ts";
import { type BlockedValue, type ChannelLayout, filledUp, isPlain, placesOf } from "./layout.ts";

/** Sides of an image. */
export type Sides = readonly [height: number, width: number];

/** What a convolution on blocked tensors may have besides image and weight. */
export interface BlockedConv {
  kernel: Sides;
  /** Rows and columns of zeros: top, left, bottom, right. */
  pads?: readonly number[];
  stride?: number;
  dilations?: Sides;
  group?: number;
  bias?: string;
  /** A tensor of the result's shape that is added. */
  add?: string;
  relu?: boolean;
}

/** A convolution on blocked tensors. */
export function blockedConv(builder: GraphBuilder, x: string, weight: string, options: BlockedConv): string {
  const { kernel, pads = [0, 0, 0, 0], stride = 1, dilations = [1, 1], group = 1, bias = "", add = "", relu } = options;
  const inputs = [x, weight, bias, add];
  while (inputs.at(-1) === "") inputs.pop();
  return builder.emitOne("Conv", inputs, {
    kernel_shape: [...kernel],
    pads: [...pads],
    strides: [stride, stride],
    dilations: [...dilations],
    group,
    ...(relu && { activation: { text: "Relu" } }),
  }, NCHWC);
}

/** The same numbers in another shape. */
export function reshaped(builder: GraphBuilder, x: string, shape: readonly number[]): string {
  return builder.emitOne("Reshape", [x, builder.int64(shape)]);
}

/** A value [N, C, H, W] in blocks: as it lies, or else brought into blocks with the channels in order. */
export function inBlocks(builder: GraphBuilder, id: number): BlockedValue {
  const known = builder.blocked(id);
  if (known) return known;
  const { shape: [, channels] } = builder.value(id), layout = filledUp(channels, builder.blockSize);
  const more = layout.length - channels;
  const plain = more
    ? builder.emitOne("Pad", [builder.full(id), builder.int64([0, 0, 0, 0, 0, more, 0, 0])])
    : builder.full(id);
  const name = builder.emitOne("ReorderInput", [plain], {}, NCHWC);
  builder.setBlocked(id, name, layout);
  return { name, layout };
}

/** A tensor whose axis holds channels, with that axis as it is stored: zeros where a place holds no channel. */
export function stored(builder: GraphBuilder, name: string, layout: ChannelLayout, axis: number, rank: number): string {
  if (isPlain(layout)) return name;
  const channels = placesOf(layout).length,
    more = Array.from({ length: 2 * rank }, (_, i) => i === rank + axis ? 1 : 0);
  const withZero = builder.emitOne("Pad", [name, builder.int64(more)]);
  const places = layout.map((channel) => channel < 0 ? channels : channel);
  return builder.emitOne("Gather", [withZero, builder.int64(places)], { axis });
}

/** The reverse of {@link stored}: the channels in order, without places of zeros. */
export function taken(builder: GraphBuilder, name: string, layout: ChannelLayout, axis: number): string {
  return isPlain(layout) ? name : builder.emitOne("Gather", [name, builder.int64(placesOf(layout))], { axis });
}
