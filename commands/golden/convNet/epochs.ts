import type { Engine } from "../../../core/engine/engine.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { freezeOutState } from "../../../core/schedules/freezeOut.ts";
import { type Check, largestError, type Quantity, quantity } from "../check.ts";
import { absoluteError, type Named, worst } from "./compare.ts";
import { trainingEngine } from "../engine.ts";
import { type FixtureConfig, floats, metadataOf, netOf, scheduleOf } from "./fixture.ts";
import { Frozen } from "./frozen.ts";
import { logLikelihoods, meanLoss, wrongOf } from "./logits.ts";
import { nearestRun } from "./nearest.ts";
import { wholeImages } from "./pool.ts";
import { checkInput, compareWeights, iterate, TOLERANCE } from "./iteration.ts";
import { compareSchedule } from "./trace.ts";
import { Trainee } from "./trainee.ts";

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const relative = (actual: number, wanted: number) => Math.abs(actual / wanted - 1);

/** Validation in batches, inference mode; `loss` is the mean of the batches' means, whatever their sizes, as logged. */
async function validate(trainee: Trainee, file: SafetensorsFile, batch: number) {
  const labels = getTensor(file, "val_labels", Int32Array).data, batchLosses: number[] = [], parts: number[] = [];
  for (let from = 0; from < labels.length; from += batch) {
    const to = Math.min(from + batch, labels.length);
    const part = await trainee.infer(wholeImages(file, "val_u8", from, to), to - from);
    batchLosses.push(meanLoss(part, labels.subarray(from, to)));
    parts.push(...part);
  }
  const logits = Float32Array.from(parts);
  return {
    batchLosses,
    loss: mean(batchLosses),
    error: 100 * wrongOf(logits, labels) / labels.length,
    likelihoods: logLikelihoods(logits, labels.length),
  };
}

/** Modules of the layers that live: the head has two. */
function liveModules({ chosen: { net, config } }: Trainee, firstLive: number): number {
  return net.layerNames(config).slice(firstLive).flatMap((name) => name.split(", ")).length;
}

async function checkVariant(
  engine: Engine,
  file: SafetensorsFile,
  variant: string,
  config: FixtureConfig,
): Promise<Quantity[]> {
  const side = getTensor(file, "pool_u8", Uint8Array).shape[2], { epochs = 1, eval_batch = 1 } = config;
  const doubles = (key: string) => getTensor(file, `${variant}/${key}`, Float64Array).data;
  const losses = doubles("loss"),
    iterations = losses.length / epochs,
    modules = getTensor(file, `${variant}/active_modules`, Int32Array).data;
  const trainee = await Trainee.create(engine, netOf(config, side), config);
  const schedule = scheduleOf(config, trainee.chosen.net.layers(trainee.chosen.config), losses.length);
  const quantities = await nearestRun(async (attempt) => {
    trainee.load(file, "sd0", attempt);
    const frozen = new Frozen(trainee), statistics: Named[] = [], likelihoods: number[] = [];
    const errors = { loss: [] as number[], train: [] as number[], batches: [] as number[], validation: [] as number[] };
    let wrong = 0, otherModules = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const ours: number[] = [];
      for (let j = epoch * iterations; j < (epoch + 1) * iterations; j++) {
        frozen.keep(freezeOutState(schedule, j).firstLive);
        ours.push(await iterate(trainee, file, schedule, j, config.classes));
        errors.loss.push(relative(ours[ours.length - 1], losses[j]));
      }
      const { batchLosses, loss, error, likelihoods: found } = await validate(trainee, file, eval_batch);
      errors.train.push(relative(mean(ours), doubles("train_loss")[epoch]));
      errors.batches.push(
        ...batchLosses.map((each, i) => relative(each, doubles("val_batch_loss")[epoch * batchLosses.length + i])),
      );
      errors.validation.push(relative(loss, doubles("val_loss")[epoch]));
      wrong = Math.max(wrong, Math.abs(error - doubles("val_err")[epoch]));
      likelihoods.push(largestError(found, floats(file, `${variant}/val_logp_epoch${epoch}`)));
      const { firstLive } = freezeOutState(schedule, (epoch + 1) * iterations - 1);
      otherModules += Math.abs(liveModules(trainee, firstLive) - modules[epoch]);
      for (const name of trainee.arena.names().filter((each) => !trainee.parameters.includes(each))) {
        statistics.push(absoluteError(file, `${variant}/bn_epoch${epoch}`, name, trainee.arena.view(name)));
      }
    }
    const [weights, worstWeight] = compareWeights(trainee, file, `${variant}/sd_final`);
    return [
      quantity(`${variant}: losses, relative`, Math.max(...errors.loss), TOLERANCE.loss, `${losses.length} iterations`),
      quantity(`${variant}: mean loss of each epoch`, Math.max(...errors.train), TOLERANCE.loss),
      quantity(`${variant}: losses of validation batches`, Math.max(...errors.batches), TOLERANCE.loss),
      quantity(`${variant}: mean of the batches' means`, Math.max(...errors.validation), TOLERANCE.loss),
      quantity(`${variant}: errors in validation, points`, wrong, 0),
      quantity(`${variant}: log-likelihoods in validation`, Math.max(...likelihoods), TOLERANCE.loss),
      quantity(`${variant}: live modules that differ`, otherModules, 0),
      quantity(
        `${variant}: running statistics after each epoch`,
        worst(statistics)[0],
        TOLERANCE.weights,
        `worst ${worst(statistics)[1]}`,
      ),
      quantity(`${variant}: weights and statistics at the end`, weights, TOLERANCE.weights, `worst ${worstWeight}`),
      frozen.quantity(variant),
    ];
  });
  trainee.dispose();
  return [...compareSchedule(file, variant, schedule), ...quantities];
}

/**
 * Checks short trainings in epochs with validation after each: what the released loop logs, and what runs without epochs
 * show.
 *
 * @param file a fixture of kind "freezeout-run-…-epochs"
 * @throws {UserError} when a tensor is missing, or the metadata describe no net
 */
export async function checkFreezeOutEpochs(file: SafetensorsFile): Promise<Check> {
  const engine = trainingEngine(), quantities = checkInput(file);
  for (const [variant, config] of Object.entries(metadataOf<Record<string, FixtureConfig>>(file, "variants"))) {
    quantities.push(...await checkVariant(engine, file, variant, config));
  }
  return { kind: file.metadata.kind, quantities };
}
