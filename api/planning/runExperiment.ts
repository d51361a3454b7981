import { ALONE } from "../../core/parallel/ranks.ts";
import type { Experiment, Run } from "../../experiments/experiment.ts";
import { findExperiment } from "../../experiments/mod.ts";
import { VIT, type VitSettings } from "../../experiments/recipes/vit.ts";
import { planOf } from "../../experiments/plan.ts";
import type { ProbeKind } from "../../experiments/probes.ts";
import { inOrder, phaseKey } from "../../records/phase.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { checkPhases, checkShares } from "../../training/checkPhases.ts";
import { runPhases } from "../../training/graph.ts";
import type { FolderOptions } from "../../training/graphWork.ts";
import { codeHashes, gitInfo } from "../../training/identity.ts";
import { openAll } from "../../training/openAll.ts";
import { openData } from "../../training/openData.ts";
import { engineOf, monitorOf, type RunOptions } from "../training/options.ts";

/** An experiment of one's own: named runs that differ in what they do with the settings of a profile. */
export interface Declaration {
  /** A name, which the records tell. */
  id: string;
  /** What it asks, in one line. */
  question?: string;
  /**
   * The runs by name: each ends in phases, made by `pretrain`, `finetune`, `linear` and `knn`, or all at once by `vitRun`.
   *
   * @param settings of the profile, with what `set` changes
   */
  runs(settings: VitSettings): Record<string, Run>;
}

/** How an experiment is run. */
export interface ExperimentOptions extends Omit<RunOptions, "seed"> {
  /** One of its recipe's profiles; "laptop" unless given. */
  profile?: string;
  /** Settings that are not the profile's, as key=value: "pretrain.epochs=2". */
  set?: readonly string[];
  /** Names of its runs; all unless given. */
  rows?: readonly string[];
  /** Each run once for each of these; 0 unless given. */
  seeds?: readonly number[];
  /** Probes of every pre-training, besides what the runs end in. */
  probes?: readonly ProbeKind[];
  /** Where images lie, by the name of the source that the settings ask for; "images" in most profiles. */
  paths?: Readonly<Record<string, string>>;
  /** Folder in which phases work and leave checkpoints and weights; "runs" unless given. */
  folder?: string;
  /** Folder of the records; "results" unless given. */
  out?: string;
  /** Minutes between two checkpoints; 10 unless given. */
  everyMinutes?: number;
  /** Is told what the user should know; the console's warnings unless given. */
  warn?: (text: string) => void;
}

/** A run of an experiment with one seed, finished. */
export interface FinishedRun {
  /** Its name in the experiment. */
  row: string;
  /** The seed of all its random numbers. */
  seed: number;
  /** The same in words. */
  label: string;
  /** The records of its phases in order, those included that other runs share. */
  records: PhaseRecord[];
}

/**
 * Runs an experiment, or takes what is finished: each phase once, also where runs share it, with checkpoints on the way.
 * Stopped by its signal it can be called again and goes on from there.
 *
 * @param experiment the id of a table, e.g. "thesis.table17", or a declaration of one's own
 * @throws {UserError} on a setting that is refused or has no effect, and images that are not there
 * @example One row of Table 17 for a few seconds
 * ```ts
 * import { runExperiment } from "@vitfreeze/vitfreeze/experiments";
 * import { deepStrictEqual } from "node:assert";
 *
 * const folder = await Deno.makeTempDir();
 * const tiny = ["data.train=16", "data.test=12", "model.imageSize=32", "model.embedDim=12", "model.decoderDim=8"];
 * const [run] = await runExperiment("thesis.table17", {
 *   profile: "ci",
 *   rows: ["vitfreeze"],
 *   set: [...tiny, "pretrain.epochs=2", "pretrain.batch=8", "finetune.batch=8"],
 *   folder: `${folder}/runs`,
 *   out: `${folder}/results`,
 * });
 * deepStrictEqual([run.row, run.seed], ["vitfreeze", 0]);
 * deepStrictEqual(run.records.map(({ phase, epochs }) => [phase.kind, epochs.length]), [["pretrain", 2], ["finetune", 2]]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function runExperiment(
  experiment: string | Declaration,
  options: ExperimentOptions = {},
): Promise<FinishedRun[]> {
  const { profile = "laptop", set = [], rows, seeds = [0], probes = [], warn = console.warn } = options;
  const found = typeof experiment === "string" ? findExperiment(experiment) : declared(experiment);
  const plan = planOf(found, { profile, set, rows, seeds, probes });
  checkPhases(plan.phases);
  const paths = new Map(Object.entries(options.paths ?? {})), monitor = monitorOf(options);
  const datasetOf = await openAll(
    plan.phases,
    ({ data }, imageSize) => openData(data, imageSize, { paths }),
    (phase, images) => checkShares(phase, images, { ranks: ALONE }),
  );
  const finished = await runPhases(plan.phases, plan.phases, {
    folders: foldersOf(options),
    engine: engineOf(options),
    hashes: await codeHashes(),
    git: await gitInfo(),
    asked: { experiment: found.id, profile, set: plan.set },
    ranks: ALONE,
    datasetOf,
    monitorOf: () => monitor,
    warn,
    under: () => {},
    done: () => {},
  });
  return plan.runs.map(({ row, seed, label, phases }) => {
    return { row, seed, label, records: inOrder(phases).map((phase) => finished.get(phaseKey(phase))!.record) };
  });
}

function declared({ id, question = "", runs }: Declaration): Experiment {
  const experiment: Experiment<VitSettings> = { id, question, minutes: {}, recipe: VIT, runs, fills: [] };
  return experiment;
}

function foldersOf({ folder = "runs", out = "results", everyMinutes = 10 }: ExperimentOptions): FolderOptions {
  return { root: folder, out, everyMinutes, fresh: false, anyCode: false, wait: false, keep: 2 };
}
