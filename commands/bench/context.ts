import type { Card } from "../../core/engine/ort/card.ts";
import type { Command } from "./flags.ts";
import type { Entry, Freeze, SeveralRanks, SeveralViews } from "./model.ts";
import type { Peer } from "./peer.ts";

/** What every item gets to measure with. */
export interface Context extends Pick<Command, "settings" | "jpegs"> {
  /** What runs the steps of `card`. */
  card?: Card;
  /** Starts a process of peers; none where there is no Python for it. */
  startPeer?: (batch: number) => Promise<Peer>;
  /** Tells what is being done. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/** What an item measured. */
export interface Measured {
  entries: Entry[];
  freeze?: Freeze;
  ranks?: SeveralRanks;
  views?: SeveralViews;
}

/** Lets Ctrl-C be heard, and fails after it. */
export function pauseOf({ signal }: Pick<Context, "signal">): () => Promise<void> {
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal.throwIfAborted();
  };
}

/** Does some work beside processes of peers, and ends them whatever happens; without a Python there are none. */
export async function withPeers<T>(
  { startPeer, settings }: Context,
  count: number,
  work: (peers: Peer[]) => Promise<T>,
  batch = settings.batch,
): Promise<T> {
  const peers: Peer[] = [];
  try {
    for (let k = 0; k < count && startPeer; k++) peers.push(await startPeer(batch));
    return await work(peers);
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}
