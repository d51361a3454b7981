import type { Arena } from "../../core/engine/arena.ts";
import type { EngineInfo } from "../../core/engine/engine.ts";
import { ALONE } from "../../core/parallel/ranks.ts";
import type { Phase, PhaseKind } from "../../records/phase.ts";
import type { Epoch, Metrics, PhaseEvent } from "../../records/schema.ts";
import { checkPhases, checkShares } from "../../training/checkPhases.ts";
import type { Outcome } from "../../training/phases/runner.ts";
import { RUNNERS } from "../../training/phases/mod.ts";
import type { Weights } from "../../training/weights/convert.ts";
import { type DataOptions, workOf } from "./options.ts";
import { weightsIn } from "./arenas.ts";

/** What a training has left: what a record says of a phase, and its weights. */
export interface Training<Config> {
  /** The weights at the end, with the model that they belong to. */
  weights: Weights;
  /** All settings, nothing left to a default. */
  config: Config;
  /** Losses, learning rates, seconds and, where they are measured, accuracies of every epoch. */
  epochs: Epoch[];
  /** Layers that froze and decoders that were dropped, each with its step. */
  events: PhaseEvent[];
  /** Measured at the end: accuracies in percent, mean cross-entropy; empty after pre-training. */
  metrics: Metrics;
  /** Numbers that the model trains. */
  params: number;
  /** Images of an optimiser step. */
  imagesPerIteration: number;
  /** What computed. */
  engine: EngineInfo;
  /** SHA-256 of the data. */
  data: string;
}

/** A phase's outcome without its weights, and what it was run with. */
type Ran = Outcome & Pick<Training<unknown>, "engine" | "data">;

/**
 * Runs one phase by itself: no folder, no checkpoint, no record.
 *
 * @param from weights that it starts from
 * @throws {UserError} when a setting is refused, or the images do not fill a batch
 */
export async function runPhase(
  kind: PhaseKind,
  config: Record<string, unknown>,
  options: DataOptions,
  from?: Arena,
): Promise<Ran> {
  const { data, seed = 0 } = options, source = { source: data.name, classes: null, train: null };
  const phase: Phase = { kind, seed, data: source, config };
  checkPhases([phase]);
  checkShares(phase, data, { ranks: ALONE });
  const work = workOf(options), outcome = await RUNNERS[kind].run(config, { ...work, from });
  return { ...outcome, engine: work.engine.info, data: data.sha256 };
}

/** What a phase that has weights has left. */
export function trainingOf<Config extends object>(
  kind: PhaseKind,
  config: Config,
  { arena, weights: _hashes, ...outcome }: Ran,
  { data }: DataOptions,
): Training<Config> {
  const model = RUNNERS[kind].model(config, data.classes.length)!;
  return { ...outcome, config, weights: { model, tensors: weightsIn(arena!) } };
}
