import { canonicalJson } from "./canonical.ts";
import { sha256 } from "../core/sha256.ts";
import { ranksShape } from "./ranksShape.ts";
import type { RunResult } from "./schema.ts";

/** SHA-256 of the result's canonical bytes; the result's file is named by it. */
export function resultId(result: RunResult): string {
  return sha256(canonicalJson(result));
}

/** A result without its timings. */
export type ResultCore = ReturnType<typeof resultCore>;

/**
 * What a run computed, without how long it took and when.
 *
 * Exactly these keys are left out: `start`, `end`, and in each epoch of `pretrain` and `finetune` the keys `seconds` and
 * `wallSeconds`; and the names of the machines in `ranks`. The machine and the engine stay: equal numbers are promised for one engine on one platform only.
 */
export function resultCore(result: RunResult) {
  const { start: _start, end: _end, ranks: _ranks, pretrain, finetune, ...rest } = result;
  const ranks = ranksShape(result);
  return {
    ...rest,
    ...(ranks && { ranks }),
    pretrain: { ...pretrain, epochs: pretrain.epochs.map(withoutTimings) },
    finetune: { ...finetune, epochs: finetune.epochs.map(withoutTimings) },
  };
}

function withoutTimings<T extends { seconds: unknown; wallSeconds: unknown }>(epoch: T) {
  const { seconds: _seconds, wallSeconds: _wallSeconds, ...rest } = epoch;
  return rest;
}

/** SHA-256 of the result's core: the same for two runs of one seed that computed the same numbers. */
export function coreHash(result: RunResult): string {
  return sha256(canonicalJson(resultCore(result)));
}
