import type { Arena } from "../core/engine/arena.ts";
import { sha256 } from "../core/sha256.ts";
import { canonicalJson } from "../records/canonical.ts";

/** What a run goes on from: weights and moments. */
export const STATE = ["value", "moment1", "moment2"] as const;

/** SHA-256 of weights and moments. */
export function stateHash(arena: Arena): string {
  return sha256(
    STATE.flatMap((region) =>
      arena.names().map((name) => sha256(new Uint8Array(arena.view(name, region).slice().buffer)))
    ).join(),
  );
}

/** What a record says apart from times and from what ranks exchanged. */
export function timeless<T extends { epochs: object[] }>(record: T): string {
  const epochs = record.epochs.map((epoch) => ({
    ...epoch,
    seconds: 0,
    wallSeconds: 0,
    stepSpread: 0,
    load: 0,
    exchangedBytes: 0,
  }));
  return canonicalJson({ ...record, epochs, arena: 0 });
}
