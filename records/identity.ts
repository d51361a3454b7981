import { sha256 } from "../core/sha256.ts";
import { canonicalJson } from "./canonical.ts";
import { type Epoch, type PhaseRecord, ranksShape } from "./schema.ts";

/** SHA-256 of the record's canonical bytes; its file is named by it. */
export function recordId(record: PhaseRecord): string {
  return sha256(canonicalJson(record));
}

/**
 * What a phase computed, without how long it took, when, and who asked.
 *
 * Exactly these keys are left out: `start`, `end`, `asked`, `git`, `startedFrom` (whose timings differ), in each epoch
 * `seconds`, `wallSeconds`, `stepSpread` and `load`, and the names of the machines in `ranks`. The machine and the engine stay: equal numbers are
 * promised for one engine on one platform only.
 */
export function recordCore(record: PhaseRecord) {
  const { start: _start, end: _end, asked: _asked, git: _git, startedFrom: _from, ranks: _ranks, epochs, ...rest } =
    record;
  const ranks = ranksShape(record);
  return { ...rest, ...(ranks && { ranks }), epochs: epochs.map(withoutTimings) };
}

function withoutTimings({ seconds: _seconds, wallSeconds: _wall, stepSpread: _spread, load: _load, ...rest }: Epoch) {
  return rest;
}

/** SHA-256 of the record's core: the same for two phases of one key that computed the same numbers. */
export function coreHash(record: PhaseRecord): string {
  return sha256(canonicalJson(recordCore(record)));
}
