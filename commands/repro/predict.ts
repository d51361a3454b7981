import { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { type Program, sizeOf } from "../../core/engine/program.ts";
import { pretrainFlops } from "../../core/cost/flops.ts";
import { classifierParameters, classifierProgram } from "../../core/models/classifier.ts";
import { localMimParameters } from "../../core/methods/localmim/parameters.ts";
import { localMimProgram } from "../../core/methods/localmim/program.ts";
import { freezeState } from "../../core/schedules/freezeState.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import type { RowKey } from "../../records/schema.ts";
import { iterationsPerEpoch } from "../../training/batches.ts";
import { breathe } from "../../training/monitor.ts";
import { rowSchedule, type Table17Config } from "./config.ts";

/** What the rows will take, before they are run. */
export interface Prediction {
  /** Measured seconds per image of an unfrozen pre-training step and of a fine-tuning step. */
  secondsPerImage: { pretrain: number; finetune: number };
  /** Predicted seconds of pre-training and fine-tuning of each row, for one seed. */
  rows: Partial<Record<RowKey, number>>;
}

/** Images in the steps that are measured; few, so that a big model fits and the answer comes soon. */
const PROBE_BATCH = 4;

/** Seconds per image of one training step, the faster of two. */
async function measure(engine: Engine, program: Program, arena: Arena, signal: AbortSignal): Promise<number> {
  const step = await engine.train(program, arena, program.parameters.map(({ name }) => name));
  const feeds = Object.fromEntries(
    Object.entries(program.inputs).map(([name, { shape, dtype }]) => {
      const count = sizeOf(shape);
      return [name, dtype === "int32" ? new Int32Array(count) : new Float32Array(count).fill(1)];
    }),
  );
  let best = Infinity;
  for (let i = 0; i < 2; i++) {
    await breathe({ signal });
    const start = performance.now();
    await step.run(feeds);
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  step.dispose();
  return best / PROBE_BATCH;
}

/**
 * Predicts the cost of rows: two small steps are measured, and scaled by the matrix-product operations of every state of
 * the schedule (core/cost). Data loading, HOG and evaluation are not counted.
 *
 * @param ranks that share the work; their exchange is not counted either
 */
export async function predictCost(
  config: Table17Config,
  rows: readonly RowKey[],
  dataset: ImageDataset,
  engine: Engine,
  signal: AbortSignal,
  ranks = 1,
): Promise<Prediction> {
  const { model, pretrain, finetune, freeze } = config, classifier = { ...model, numClasses: dataset.classes.length };
  const liveStages = model.stageBlocks.map(() => true);
  const mim = localMimProgram({ config: model, batch: PROBE_BATCH, liveStages, heads: "masked" });
  const head = classifierProgram(classifier, PROBE_BATCH);
  const secondsPerImage = {
    pretrain: await measure(engine, mim, new Arena(localMimParameters(model)), signal),
    finetune: await measure(engine, head, new Arena(classifierParameters(classifier)), signal),
  };
  const images = dataset.train.length, perEpoch = iterationsPerEpoch(images, pretrain.batch, pretrain.accumulation);
  const batch = pretrain.batch * pretrain.accumulation, finetuneBatch = finetune.batch * finetune.accumulation;
  const finetuned = iterationsPerEpoch(images, finetune.batch, finetune.accumulation) * finetune.epochs * finetuneBatch;
  const prediction: Prediction = { secondsPerImage, rows: {} };
  for (const row of rows) {
    const schedule = rowSchedule(config, row, perEpoch);
    const whole = pretrainFlops(model, freezeState(schedule, 0), "cut", pretrain.batch);
    let share = 0;
    for (let it = 0; it < perEpoch * pretrain.epochs; it++) {
      share += pretrainFlops(model, freezeState(schedule, it), freeze.backward, pretrain.batch) / whole;
    }
    prediction.rows[row] = (share * batch * secondsPerImage.pretrain + finetuned * secondsPerImage.finetune) / ranks;
  }
  return prediction;
}
