/**
 * Which channel lies at each stored place of a blocked tensor; -1 where zeros fill up a block. The memory of such a tensor
 * is [N][places / B][H][W][B], its ONNX shape stays [N, places, H, W].
 */
export type ChannelLayout = readonly number[];

/** A value that is there in blocks. */
export interface BlockedValue {
  name: string;
  layout: ChannelLayout;
}

/** So many channels in order, filled up with zeros to whole blocks. */
export function filledUp(channels: number, blockSize: number): ChannelLayout {
  const places = Math.ceil(channels / blockSize) * blockSize;
  return Array.from({ length: places }, (_, place) => place < channels ? place : -1);
}

/** Whether each channel lies at the place of its own number. */
export function isPlain(layout: ChannelLayout): boolean {
  return layout.every((channel, place) => channel === place);
}

/** Whether two tensors of these layouts can be added as they lie. */
export function sameLayout(a: ChannelLayout, b: ChannelLayout): boolean {
  return a.length === b.length && a.every((channel, place) => channel === b[place]);
}

/** Places of channels 0, 1, …: what takes them out of a blocked tensor. */
export function placesOf(layout: ChannelLayout): number[] {
  const places: number[] = [];
  layout.forEach((channel, place) => channel >= 0 && (places[channel] = place));
  return places;
}

/** Layouts behind one another, as tensors that are concatenated. */
export function joined(layouts: readonly ChannelLayout[]): ChannelLayout {
  let first = 0;
  return layouts.flatMap((layout) => {
    const shifted = layout.map((channel) => channel < 0 ? -1 : channel + first);
    first += placesOf(layout).length;
    return shifted;
  });
}
