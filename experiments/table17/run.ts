import type { Engine } from "../../core/engine/engine.ts";
import { sizeOf } from "../../core/engine/program.ts";
import { classifierParameters } from "../../core/models/classifier.ts";
import { localMimParameters } from "../../core/models/localmimParameters.ts";
import type { ParameterSpec } from "../../core/engine/program.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import type { RowKey, RunResult } from "../../reports/results/schema.ts";
import { iterationsPerEpoch } from "../training/batches.ts";
import { evaluate } from "../training/evaluate.ts";
import { finetune } from "../training/finetune.ts";
import { machineInfo, weightsHash } from "../training/identity.ts";
import type { Monitor } from "../training/monitor.ts";
import { pretrain } from "../training/pretrain.ts";
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
}

const weights = (parameters: ParameterSpec[]) => parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** Pre-trains, fine-tunes and evaluates one row; returns the record of the run. */
export async function runRow(run: RowRun): Promise<RunResult> {
  const { config, row, seed, dataset, engine, monitor, profile } = run, start = new Date().toISOString();
  const perEpoch = iterationsPerEpoch(dataset.train.length, config.pretrain.batch, config.pretrain.accumulation);
  const schedule = rowSchedule(config, row, perEpoch), { backward } = config.freeze;
  const common = { engine, seed, split: dataset.train, monitor };
  const pretrained = await pretrain({ ...common, model: config.model, config: config.pretrain, schedule, backward });
  const pretrainHash = weightsHash(pretrained.arena);
  const classifier = { ...config.model, numClasses: dataset.classes.length };
  const tuned = await finetune({ ...common, model: classifier, config: config.finetune, pretrained: pretrained.arena });
  const evaluation = await evaluate({
    engine,
    monitor,
    model: classifier,
    arena: tuned.arena,
    split: dataset.test,
    name: "test",
    batch: config.finetune.batch,
    testCropRatio: config.finetune.testCropRatio,
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
    weights: { pretrain: pretrainHash, finetune: weightsHash(tuned.arena) },
    start,
    end: new Date().toISOString(),
  };
}

/** Names a model by its shape, e.g. "ViT 96x12, patch 8, 64 px". */
function modelName({ model }: Table17Config): string {
  return `ViT ${model.embedDim}x${model.depth}, patch ${model.patchSize}, ${model.imageSize} px`;
}
