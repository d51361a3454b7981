/** Bytes of gradients that travel together; while AdamW works on one bucket, the next is on its way. */
export const BUCKET_BYTES = 32 * 2 ** 20;

/** A piece of memory: byte offset, and length in floats. */
export interface Stretch {
  offset: number;
  floats: number;
}

/** Tensors whose gradients travel together, and where these lie. */
export interface Bucket<T> {
  items: T[];
  stretches: Stretch[];
}

/**
 * Sorts tensors into buckets. Neighbours in memory become one stretch, so that few messages are sent; what is not named,
 * such as a frozen layer, is in none of them.
 *
 * @param place where a tensor's gradient lies
 * @param limit bytes from which a bucket is full
 */
export function bucketsOf<T>(items: readonly T[], place: (item: T) => Stretch, limit = BUCKET_BYTES): Bucket<T>[] {
  const placed = items.map((item) => ({ item, ...place(item) })).sort((a, b) => a.offset - b.offset);
  const buckets: Bucket<T>[] = [];
  let bytes = Infinity;
  for (const { item, offset, floats } of placed) {
    if (bytes >= limit) {
      buckets.push({ items: [], stretches: [] });
      bytes = 0;
    }
    const { items, stretches } = buckets.at(-1)!, last = stretches.at(-1);
    items.push(item);
    if (last && last.offset + 4 * last.floats === offset) last.floats += floats;
    else stretches.push({ offset, floats });
    bytes += 4 * floats;
  }
  return buckets;
}
