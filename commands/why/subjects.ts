import { exists, shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { findExperiment } from "../../experiments/mod.ts";
import { planOf } from "../../experiments/plan.ts";
import { inOrder, type Phase } from "../../records/phase.ts";
import type { PhaseRecord } from "../../records/record.ts";
import { readRecord } from "../../records/store.ts";
import { iterationsPerEpoch } from "../../training/batches.ts";
import type { PretrainConfig, TrainConfig } from "../../training/config.ts";
import { finishedRecord, recordPath } from "../../training/phaseFolder.ts";
import { phaseFoldersIn, phaseTexts } from "../../training/weights/phaseFolders.ts";
import type { Course } from "./course.ts";
import { measured } from "./measured.ts";
import { netCourse } from "./netCourse.ts";
import { pretrainCourse } from "./pretrainCourse.ts";
import type { Told } from "./text.ts";

/** Images of ImageNet-1K, which profiles without a number of images mean. */
const IMAGENET = 1_281_167;

/** The profile that is meant where none is named. */
export const PROFILE = "laptop";

/** What of an experiment is asked for. */
export interface Asked {
  /** "laptop" unless given, or the first that there is. */
  profile?: string;
  set: readonly string[];
  /** All that freeze unless given. */
  rows?: readonly string[];
}

/**
 * The runs of an experiment that pre-train or train, with their settings' course; of equal ones the first.
 *
 * @throws {UserError} on unknown names, and where nothing can freeze
 */
export function planned(id: string, { profile: said, set, rows }: Asked): Told[] {
  const experiment = findExperiment(id), profiles = Object.keys(experiment.recipe.profiles);
  const profile = said ?? (profiles.includes(PROFILE) ? PROFILE : profiles[0]);
  const plan = planOf(experiment, { profile, set, seeds: [0], probes: [], ...(rows && { rows }) });
  const all = plan.runs.flatMap(({ row, label, phases }) => {
    const phase = inOrder(phases).find(mayFreeze);
    return phase && (rows || freezes(phase)) ? [{ row, label, phase }] : [];
  });
  const met = new Set<string>();
  const told = all.flatMap(({ row, label, phase }) => {
    const key = JSON.stringify(phase.config);
    if (met.has(key)) return [];
    met.add(key);
    const images = phase.data.train ?? IMAGENET;
    return [{
      name: `${label} (${row}) of ${experiment.id}, profile ${profile}, ${images} images${
        phase.data.train === null ? ", as many as ImageNet-1K's" : ""
      }`,
      course: courseOf(phase, images),
    }];
  });
  if (told.length > 0) return told;
  throw new UserError(
    `Cannot tell of ${rows ? rows.join(", ") : experiment.id}: nothing in it can freeze, want a pre-training`,
  );
}

/**
 * The run of a record, of a phase's folder, or of the one phase in a folder of such that can freeze.
 *
 * @throws {UserError} when there is none, or it is no pre-training
 */
export async function recorded(where: string): Promise<Told> {
  if (!(await Deno.stat(where)).isDirectory) return toldOf((await readRecord(where)).record, shortPath(where));
  const folder = await folderIn(where), record = await finishedRecord(folder);
  return toldOf(record!, shortPath(folder));
}

/** What a record tells. */
function toldOf(record: PhaseRecord, name: string): Told {
  const { phase, asked, epochs } = record;
  if (!mayFreeze(phase)) {
    throw new UserError(`Cannot tell of ${name}: it is of kind ${phase.kind}, want pretrain or train`);
  }
  const [{ iterations }] = epochs.length > 0 ? epochs : [{ iterations: 1 }], course = courseOfSteps(phase, iterations);
  const title = `${name}: ${asked.experiment}, profile ${asked.profile}, seed ${phase.seed}`;
  return { name: title, course, measured: measured(course, record) };
}

/** A phase's folder, or the one inside a folder of such that is finished and freezes. */
async function folderIn(folder: string): Promise<string> {
  if (await exists(recordPath(folder))) return folder;
  const finished = await phaseFoldersIn(folder, (path) => exists(recordPath(path)));
  const phases = finished.filter(({ phase }) => mayFreeze(phase) && freezes(phase));
  if (phases.length === 1) return phases[0].path;
  const found = phases.length === 0 ? "no finished phase that freezes" : phaseTexts(phases).join(", ");
  throw new UserError(
    `Cannot tell of ${shortPath(folder)}: it holds ${found}; want the folder of one phase, or its record`,
  );
}

/** What of a phase tells its course. */
type Kind = Pick<Phase, "kind"> & { config: object };

const mayFreeze = ({ kind }: Kind) => kind === "pretrain" || kind === "train";
const freezes = ({ config }: Kind) => (config as PretrainConfig).freeze !== null;

function courseOf(phase: Phase, images: number): Course {
  const config = phase.config as unknown as PretrainConfig & Partial<TrainConfig>;
  const { batch, accumulation, cropsPerImage, validation = 0 } = config;
  return courseOfSteps(phase, iterationsPerEpoch(images - validation, batch, accumulation, cropsPerImage));
}

function courseOfSteps({ kind, config }: Kind, perEpoch: number): Course {
  return kind === "train"
    ? netCourse(config as TrainConfig, perEpoch)
    : pretrainCourse(config as PretrainConfig, perEpoch);
}
