import type { Entry } from "./model.ts";
import type { Timed } from "./race.ts";
import { rate, summarise } from "./statistics.ts";

/** The whole repetition, or one of its parts, in seconds. */
function secondsOf({ repetitions }: Timed, part?: string): number[] {
  return repetitions.map(({ seconds, parts }) => part === undefined ? seconds : parts[part]);
}

/**
 * Seconds of ours beside a peer's.
 *
 * @param part the part of a repetition that is meant; absent: the whole
 * @throws {RangeError} when they were not timed in the same race
 */
export function timeEntry(name: string, ours: Timed, peer: Timed | undefined, part?: string): Entry {
  const own = summarise(secondsOf(ours, part));
  if (peer === undefined) return { name, unit: "s", ours: own, peer: null, ratio: null };
  if (peer.race !== ours.race) {
    throw new RangeError(`Cannot compare '${ours.name}' with '${peer.name}': found two runs, want one`);
  }
  const other = summarise(secondsOf(peer, part));
  return { name, unit: "s", ours: own, peer: { name: peer.name, ...other }, ratio: other.median / own.median };
}

/** The same as images per second. */
export function rateEntry(name: string, ours: Timed, peer: Timed | undefined, images: number): Entry {
  const entry = timeEntry(name, ours, peer);
  return {
    ...entry,
    unit: "images/s",
    ours: rate(entry.ours, images),
    peer: entry.peer && { name: entry.peer.name, ...rate(entry.peer, images) },
  };
}

/** Percent of each repetition that one part takes; no ratio, since a share is neither good nor bad. */
export function shareEntry(name: string, { repetitions }: Timed, part: string): Entry {
  return ownEntry(name, "%", repetitions.map(({ seconds, parts }) => 100 * parts[part] / seconds));
}

/** One entry for each peer, or one without a peer. */
export function besidePeers(peers: readonly Timed[], entry: (peer: Timed | undefined) => Entry): Entry[] {
  return peers.length === 0 ? [entry(undefined)] : peers.map(entry);
}

/** Values that have no peer. */
export function ownEntry(name: string, unit: Entry["unit"], values: readonly number[]): Entry {
  return { name, unit, ours: summarise(values), peer: null, ratio: null };
}
