/** What an epoch takes with so many frozen layers, relative to none. */
export interface FrozenShare {
  frozen: number;
  share: number;
}

/** What dropping decoders saves of an epoch's time beside what freezing layers saves. */
export interface DecoderShare {
  /** Of all that freezing saves in the end, the part that comes with the layers at which a decoder is dropped. */
  part: number;
  /** By how much an epoch gets shorter at such a layer, on average; of an epoch in which nothing is frozen. */
  withDrop: number;
  /** The same at the other layers. */
  without: number;
}

/**
 * What dropping decoders saves in a log; undefined where a number of frozen layers has no epoch.
 *
 * @param stageBlocks blocks that feed the decoders; the last one never freezes
 * @param times by number of frozen layers, ascending
 */
export function decoderShare(stageBlocks: readonly number[], times: readonly FrozenShare[]): DecoderShare | undefined {
  const last = times.at(-1);
  if (last === undefined) return undefined;
  const share = new Map(times.map(({ frozen, share }) => [frozen, share])),
    layers = stageBlocks[stageBlocks.length - 1];
  const saved = (frozen: number) => (share.get(frozen - 1) ?? NaN) - (share.get(frozen) ?? NaN);
  const drops = stageBlocks.slice(0, -1).map((block) => block + 1);
  const sum = drops.reduce((sum, frozen) => sum + saved(frozen), 0), whole = 1 - last.share;
  const found = {
    part: sum / whole,
    withDrop: sum / drops.length,
    without: (whole - sum) / (layers - drops.length),
  };
  return Object.values(found).every(Number.isFinite) ? found : undefined;
}
