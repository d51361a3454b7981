import type { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { sizeOf } from "../../core/engine/program.ts";
import { classifierParameters } from "../../core/models/classifier.ts";
import { localMimParameters } from "../../core/methods/localmim/parameters.ts";
import type { ParameterSpec } from "../../core/engine/program.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import type { RowKey, RunResult } from "../../records/schema.ts";
import { UserError } from "../../core/errors.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { FreezeSchedule } from "../../core/schedules/schedule.ts";
import { iterationsPerEpoch } from "../../training/batches.ts";
import {
  finetuneProgressSchema,
  pretrainedSchema,
  pretrainProgressSchema,
  type PretrainRecord,
} from "../../training/checkpoint/progress.ts";
import type { RunCheckpoints, RunIdentity } from "../../training/checkpoint/runKeeper.ts";
import { weightsMetadata } from "../../training/checkpoint/weightsFile.ts";
import { evaluate } from "../../training/evaluate.ts";
import { finetune } from "../../training/finetune.ts";
import { machineInfo, weightsHash } from "../../training/identity.ts";
import type { Monitor } from "../../training/monitor.ts";
import { pretrain } from "../../training/pretrain.ts";
import { ROWS, rowSchedule, type Table17Config } from "./config.ts";

/** One row with one seed. */
export interface RowRun {
  profile: string;
  config: Table17Config;
  row: RowKey;
  seed: number;
  dataset: ImageDataset;
  engine: Engine;
  hashes: { code: string; lock: string };
  monitor: Monitor;
  keeper: RunCheckpoints;
  ranks: Ranks;
  accum?: number;
}

const weights = (parameters: ParameterSpec[]) => parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** What makes a row the run that it is; a checkpoint belongs to runs that are the same in all of it. */
export function rowIdentity(
  { profile, config, row, seed, dataset, engine, hashes }: Omit<RowRun, "keeper">,
): RunIdentity {
  return { experiment: "table17", profile, row, seed, config, data: dataset.sha256, engine: engine.info, hashes };
}

/** Bytes of a checkpoint of pre-training, which is the larger one: weights and two moments. */
export function checkpointBytes({ model }: Table17Config): number {
  return 3 * 4 * weights(localMimParameters(model));
}

/** Pre-trains, fine-tunes and evaluates one row, or what is left of it; returns the record of the run. */
export async function runRow(run: RowRun): Promise<RunResult> {
  const { config, row, seed, dataset, engine, monitor, profile, keeper, ranks, accum } = run;
  const perEpoch = iterationsPerEpoch(dataset.train.length, config.pretrain.batch, config.pretrain.accumulation);
  const schedule = rowSchedule(config, row, perEpoch), { backward } = config.freeze;
  const { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } = config.model;
  const classifier = { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio, numClasses: dataset.classes.length };
  const { pretrained, arena } = await pretrainRow(run, schedule);
  const metadata = weightsMetadata("classifier", classifier);
  const tuned = await finetune({
    engine,
    seed,
    monitor,
    split: dataset.train,
    model: classifier,
    config: config.finetune,
    ...(arena && { pretrained: arena }),
    keeper: keeper.phase("finetune", finetuneProgressSchema, metadata, { pretrained }),
    ranks,
    accum,
  });
  await keeper.leaveWeights("finetuned", tuned.arena, metadata);
  const evaluation = await evaluate({
    engine,
    monitor,
    model: classifier,
    arena: tuned.arena,
    split: dataset.test,
    name: "test",
    batch: config.finetune.batch,
    testCropRatio: config.finetune.testCropRatio,
    ranks,
  });
  const { name, classes, train, test, skipped } = dataset;
  return {
    kind: "vitfreeze.run",
    schemaVersion: 1,
    experiment: "table17",
    profile,
    row,
    seed,
    config: {
      label: ROWS[row].label,
      dataset: { name, classes: classes.length, train: train.length, test: test.length, skipped },
      model: { name: modelName(config), ...config.model },
      pretrain: config.pretrain,
      freeze: { ...schedule, backward },
      finetune: config.finetune,
    },
    hashes: { ...run.hashes, data: dataset.sha256 },
    engine: engine.info,
    machine: machineInfo(),
    ...(keeper.spans.length > 0 && { ranks: keeper.spans }),
    pretrain: {
      params: weights(localMimParameters(config.model)),
      iterations: perEpoch * config.pretrain.epochs,
      imagesPerIteration: config.pretrain.batch * config.pretrain.accumulation,
      epochs: pretrained.epochs,
    },
    finetune: {
      params: weights(classifierParameters(classifier)),
      iterations: config.finetune.epochs *
        iterationsPerEpoch(train.length, config.finetune.batch, config.finetune.accumulation),
      epochs: tuned.epochs,
    },
    evaluation,
    events: pretrained.events,
    weights: { pretrain: pretrained.weights, finetune: weightsHash(tuned.arena) },
    start: keeper.start,
    end: new Date().toISOString(),
  };
}

/** Pre-trains a row, unless its checkpoint is past that; then there is no arena, since fine-tuning has its own. */
async function pretrainRow(
  { config, seed, dataset, engine, monitor, keeper, ranks, accum }: RowRun,
  schedule: FreezeSchedule,
): Promise<{ pretrained: PretrainRecord; arena?: Arena }> {
  const { found } = keeper, { model } = config;
  if (found?.header.phase === "finetune") {
    const parsed = pretrainedSchema.safeParse(found.header.progress.pretrained);
    if (parsed.success) return { pretrained: parsed.data };
    throw new UserError(`Cannot use checkpoint ${found.name}: its record of pre-training is broken, want a whole one`);
  }
  const metadata = weightsMetadata("localmim", model);
  const { arena, epochs, events } = await pretrain({
    engine,
    seed,
    monitor,
    split: dataset.train,
    model,
    config: config.pretrain,
    schedule,
    backward: config.freeze.backward,
    keeper: keeper.phase("pretrain", pretrainProgressSchema, metadata),
    ranks,
    accum,
  });
  await keeper.leaveWeights("pretrained", arena, metadata);
  return { arena, pretrained: { epochs, events, weights: weightsHash(arena) } };
}

/** Names a model by its shape, e.g. "ViT 96x12, patch 8, 64 px". */
function modelName({ model }: Table17Config): string {
  return `ViT ${model.embedDim}x${model.depth}, patch ${model.patchSize}, ${model.imageSize} px`;
}
