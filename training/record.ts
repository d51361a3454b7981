import type { EngineInfo } from "../core/engine/engine.ts";
import { printable, printableTexts } from "../core/printable.ts";
import type { ImageDataset } from "../datasets/dataset.ts";
import { type Phase, phaseKey, plainPhase } from "../records/phase.ts";
import { type PhaseRecord, SCHEMA_VERSION } from "../records/schema.ts";
import { type CodeHashes, hashesOf, machineInfo } from "./identity.ts";
import type { Outcome } from "./phases/runner.ts";

/** What a record says besides the phase and its outcome. */
export interface Circumstances {
  asked: PhaseRecord["asked"];
  hashes: CodeHashes;
  git: PhaseRecord["git"];
  engine: EngineInfo;
  dataset: ImageDataset;
  ranks: NonNullable<PhaseRecord["ranks"]>;
  /** That have computed the phase, in order. */
  processors: string[];
  /** The id of the record of the phase that it starts from. */
  startedFrom: string | null;
  start: string;
}

/**
 * The record of a phase that has ended now. Names that the machine gives, as that of the data's folder, stand in it as
 * they can be shown: a record that hides something is refused.
 */
export function recordOf(
  phase: Phase,
  { params, imagesPerIteration, epochs, events, metrics, weights }: Outcome,
  { asked, hashes, git, engine, dataset, ranks, processors, startedFrom, start }: Circumstances,
): PhaseRecord {
  const { name, classes, train, test, skipped, sha256 } = dataset;
  return {
    kind: "vitfreeze.record",
    schemaVersion: SCHEMA_VERSION,
    key: phaseKey(phase),
    phase: plainPhase(phase),
    startedFrom,
    asked,
    hashes: { ...hashesOf(phase, hashes), data: sha256 },
    git,
    engine,
    machine: printableTexts(machineInfo(processors)),
    ...(ranks.length > 0 && { ranks: printableTexts(ranks) }),
    dataset: { name: printable(name), classes: classes.length, train: train.length, test: test.length, skipped },
    params,
    imagesPerIteration,
    epochs,
    events,
    metrics,
    weights,
    start,
    end: new Date().toISOString(),
  };
}
