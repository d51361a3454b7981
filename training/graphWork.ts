import type { Engine } from "../core/engine/engine.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import type { ImageDataset } from "../datasets/dataset.ts";
import type { Phase } from "../records/phase.ts";
import type { PhaseRecord } from "../records/schema.ts";
import type { PhaseKeeper } from "./checkpoint/phaseKeeper.ts";
import type { CodeHashes } from "./identity.ts";
import type { Monitor } from "./monitor.ts";
import type { TeacherFeatures } from "./teacher/teacher.ts";
import type { TokenFile } from "./tokens/tokenFile.ts";

/** How phases use their folders. */
export interface FolderOptions {
  /** Folder of all phases. */
  root: string;
  /** Folder of the records. */
  out: string;
  /** Whether what an earlier command left is thrown away instead of taken. */
  fresh: boolean;
  /** Whether a checkpoint or a record of other code is accepted. */
  anyCode: boolean;
  /** Whether to wait for another process that works on the same phase, instead of giving up. */
  wait: boolean;
  /** Checkpoints that stay. */
  keep: number;
  everyMinutes: number;
}

/** What phases are run with. */
export interface GraphWork {
  folders: FolderOptions;
  engine: Engine;
  hashes: CodeHashes;
  git: PhaseRecord["git"];
  asked: PhaseRecord["asked"];
  ranks: Ranks;
  accum?: number;
  /** The images of each wanted phase. */
  datasetOf(phase: Phase): ImageDataset;
  monitorOf(phase: Phase): Monitor;
  /** Whose features are targets of pre-trainings that want them. */
  teacher?: TeacherFeatures;
  /** The words that are the targets of pre-trainings that want them. */
  tokens?: TokenFile;
  /** Is told what the user should know. */
  warn(text: string): void;
  /** Is told which phase is under way, with the keeper of its state; and of each that is finished. */
  under(phase: Phase, keeper: PhaseKeeper | undefined): void;
  done(phase: Phase, finished: Finished): void;
}

/** A finished phase. */
export interface Finished {
  id: string;
  path: string;
  record: PhaseRecord;
  /** Whether it was finished before. */
  taken: boolean;
}

/** What every training of a phase is run with, whatever it starts from and keeps. */
export function phaseWork(phase: Phase, { engine, ranks, accum, datasetOf, monitorOf, teacher, tokens }: GraphWork) {
  return {
    ...(teacher && { teacher }),
    ...(tokens && { tokens }),
    engine,
    ranks,
    accum,
    dataset: datasetOf(phase),
    monitor: monitorOf(phase),
    seed: phase.seed,
  };
}
