import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { reason } from "../../cli/files.ts";
import type { Progress } from "../../cli/progress.ts";
import { CompiledEngine } from "../../core/engine/compiled.ts";
import { EagerEngine } from "../../core/engine/eager.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { UserError } from "../../core/errors.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import { bindingHint, threadsOf } from "../../distributed/threads.ts";
import { CLASS_SUBSETS, classSubset, isClassSubset, openDataset, proceduralDataset } from "../../datasets/mod.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { iterationsPerEpoch } from "../../training/batches.ts";
import type { Monitor } from "../../training/monitor.ts";
import { sameOnAll } from "../../training/sameOnAll.ts";
import { ownShare } from "../../training/work.ts";
import type { Table17Config } from "./config.ts";
import type { Command } from "./flags.ts";

/** Seed of the images and of the choice of a subset: all rows and seeds of a run see the same data. */
const DATA_SEED = 0;

const machineCores = () => ({ all: cpus().length, available: availableParallelism() });

/** Tells of cores that no rank will use, unless the user has said how many threads there shall be. */
export function idleCores({ threads }: Command, { hosts, rank }: Ranks): string | undefined {
  return threads === undefined ? bindingHint(hosts, rank, machineCores()) : undefined;
}

/** The engine that the command line asks for. */
export async function createEngine({ engine, threads, backend }: Command, { hosts, rank }: Ranks): Promise<Engine> {
  if (engine === "eager") return await EagerEngine.create(backend);
  return new CompiledEngine(threads ?? threadsOf(hosts, rank, machineCores()));
}

/**
 * Makes sure that results can be written, before hours are spent on them.
 *
 * @throws {UserError} when the folder cannot be made or written to
 */
export async function checkWritable(folder: string): Promise<void> {
  const probe = join(folder, `.tmp-${Deno.pid}`);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(probe, "x", { createNew: true });
    await Deno.remove(probe);
  } catch (error) {
    await Deno.remove(probe).catch(() => {}); // a full disk lets a file be made, but not filled
    throw new UserError(`Cannot write results to ${folder}: ${reason(error)}; want a writable folder in --out`);
  }
}

/** Opens the data of a command, and makes sure that whole batches can be drawn from it. */
export async function openData({ config, data, classes, skipBad }: Command): Promise<ImageDataset> {
  const { source, train, test } = config.data;
  const dataset = source === "procedural"
    ? proceduralDataset({ seed: DATA_SEED, train: train ?? 50000, test: test ?? 10000, size: config.model.imageSize })
    : await openDataset({
      path: data!,
      ...(classes !== undefined && { classes: await classList(classes) }),
      ...(train !== null && { maxTrain: train }),
      ...(test !== null && { maxTest: test }),
      skipBad,
      seed: DATA_SEED,
    });
  for (const { batch, accumulation } of [config.pretrain, config.finetune]) {
    iterationsPerEpoch(dataset.train.length, batch, accumulation);
  }
  return dataset;
}

/**
 * Makes sure that the images of a step can be shared among the ranks.
 *
 * @throws {UserError} when they cannot
 */
export function checkShares({ config: { pretrain, finetune }, accum }: Command, ranks: Ranks): void {
  ownShare(pretrain, { ranks, accum });
  const { images } = ownShare(finetune, { ranks, accum });
  if ((finetune.mixup > 0 || finetune.cutmix > 0) && images % 2) {
    throw new UserError(
      `Cannot fine-tune on ${images} images a pass: want an even number, for images are mixed in pairs; ` +
        "another number of ranks, --accum or finetune.batch changes it",
    );
  }
}

/**
 * Makes sure that all ranks are about to do the same.
 *
 * @throws {UserError} on the ranks that are not
 */
export async function checkSame(
  ranks: Ranks,
  { config, rows, seeds, accum }: Command,
  dataset: ImageDataset,
  engine: Engine,
  hashes: { code: string; lock: string },
): Promise<void> {
  const { name, backend, version } = engine.info;
  const facts = {
    "the command": canonicalJson({ config, rows, seeds, accum: accum ?? "as configured" }),
    "the code's SHA-256": hashes.code,
    "the engine": `${name} (${backend} ${version})`,
    "the data's SHA-256": dataset.sha256,
  };
  for (const [what, fact] of Object.entries(facts)) await sameOnAll(ranks, what, fact);
}

/**
 * The classes that --classes names: a subset of ImageNet or Tiny-ImageNet, or a list.
 *
 * @throws {UserError} on an empty name, or one that stands there twice
 */
async function classList(text: string): Promise<string[]> {
  const name = text.trim().toLowerCase();
  if (isClassSubset(name)) return await classSubset(name);
  const words = text.split(",").map((word) => word.trim());
  if (words.includes("")) {
    throw new UserError(`Cannot use --classes '${text}': want ${CLASS_SUBSETS.join(", ")} or class names`);
  }
  if (new Set(words).size < words.length) throw new UserError(`Cannot use --classes ${text}: a class is named twice`);
  return words;
}

/** Shares of a row's time, by experience: pre-training, fine-tuning, evaluation. */
const PHASES = { pretrain: [0, 0.5], finetune: [0.5, 0.47], evaluate: [0.97, 0.03] } as const;

/** A monitor's `step` that shows one run as a part of all runs. */
export function runProgress(
  progress: Progress,
  label: string,
  from: number,
  share: number,
  config: Table17Config,
): Monitor["step"] {
  const epochs = { pretrain: config.pretrain.epochs, finetune: config.finetune.epochs, evaluate: 1 };
  return ({ phase, done, total, epoch, loss, live, imagesPerSecond }) => {
    const [start, length] = PHASES[phase], within = start + length * done / total;
    const ordinal = String(epoch + 1).padStart(String(epochs[phase]).length);
    progress.show(`${label}  ${phase} ${ordinal}/${epochs[phase]}`, from + share * within, [
      ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
      ...(live ? [`live ${live[0]}/${live[1]}`] : []),
      `${imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0)} images/s`,
    ]);
  };
}
