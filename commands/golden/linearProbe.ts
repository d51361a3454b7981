import { trainingEngine } from "./engine.ts";
import { Arena } from "../../core/engine/arena.ts";
import { EagerEngine } from "../../core/engine/eager.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { Lars } from "../../core/optim/larsOptimizer.ts";
import { initialStatistics, type Statistics, updateStatistics } from "../../core/probes/batchStatistics.ts";
import { topAccuracy } from "../../core/probes/knn.ts";
import {
  type LinearProbeConfig,
  linearProbeInference,
  linearProbeParameters,
  linearProbeProgram,
} from "../../core/probes/linearProbe.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, largestError, type Quantity, quantity } from "./check.ts";

/**
 * Allowed errors: float32 arithmetic done in another order. Gradients and logits are relative to the tensor's largest
 * value.
 */
const TOLERANCE = { loss: 2e-6, logits: 5e-6, gradient: 1e-5, weights: 5e-6, accuracy: 1e-5 };
const STEPS = [0, 1, 2];

const floats = (file: SafetensorsFile, key: string) => getTensor(file, key, Float32Array);
const labels = (file: SafetensorsFile, key: string) => Array.from(getTensor(file, key, BigInt64Array).data, Number);

function relative(actual: Float32Array, expected: Float32Array): number {
  return largestError(actual, expected) / expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Rows of a step: the batches are consecutive. */
function batchOf(file: SafetensorsFile, step: number, size: number, { featureDim, numClasses }: LinearProbeConfig) {
  const targets = new Float32Array(size * numClasses), start = step * size;
  labels(file, "labels").slice(start, start + size).forEach((label, i) => targets[i * numClasses + label] = 1);
  return { features: floats(file, "features").data.slice(start * featureDim, (start + size) * featureDim), targets };
}

async function infer(
  engine: Engine,
  arena: Arena,
  config: LinearProbeConfig,
  features: Float32Array,
  { mean, variance }: Statistics,
): Promise<Float32Array> {
  const step = await engine.infer(linearProbeInference(config, features.length / config.featureDim), arena);
  const { logits } = await step.run({ features, mean, variance });
  step.dispose();
  return logits.slice();
}

/** One run of the fixture; `prefix` is "" or that of a variant. */
async function checkRun(engine: Engine, file: SafetensorsFile, prefix: string): Promise<Quantity[]> {
  const get = (key: string) => floats(file, prefix + key), [lr, weightDecay, momentum, trust] = get("cfg").data;
  const [numClasses, featureDim] = get("sd0/head.1.weight").shape, config = { featureDim, numClasses };
  const size = get("logits0").shape[0], specs = linearProbeParameters(config), names = specs.map(({ name }) => name);
  const arena = new Arena(specs), step = await engine.train(linearProbeProgram(config, size), arena, names);
  const lars = await Lars.create(arena, { momentum, trust });
  for (const name of names) arena.view(name).set(get(`sd0/${name}`).data);
  let running = initialStatistics(featureDim);
  const losses: number[] = [], gradients: number[] = [], weights: number[] = [], statistics: number[] = [];
  let logits = NaN;
  for (const i of STEPS) {
    const batch = batchOf(file, i, size, config), outputs = await step.run(batch);
    const seen = { mean: outputs.mean.slice(), variance: outputs.variance.slice() };
    losses.push(Math.abs(outputs.loss[0] / get(`loss_step${i}`).data[0] - 1));
    if (i === 0) {
      gradients.push(...names.map((name) => relative(arena.view(name, "gradient"), get(`grad0/${name}`).data)));
      logits = relative(await infer(engine, arena, config, batch.features, seen), get("logits0").data);
    }
    lars.update(names.map((name) => ({ name, lr, weightDecay })));
    running = updateStatistics(running, seen, size);
    weights.push(...names.map((name) => largestError(arena.view(name), get(`sd${i + 1}/${name}`).data)));
    statistics.push(
      largestError(running.mean, get(`sd${i + 1}/head.0.running_mean`).data),
      largestError(running.variance, get(`sd${i + 1}/head.0.running_var`).data),
    );
  }
  step.dispose();
  const tested = await infer(engine, arena, config, floats(file, "features_test").data, running);
  const accuracy = topAccuracy(tested, labels(file, "labels_test"), numClasses, 1) / 100;
  const named = (what: string) => `${engine.info.name} ${engine.info.backend}: ${prefix}${what}`;
  return [
    quantity(named("logits of the first batch"), logits, TOLERANCE.logits),
    quantity(named("losses of 3 steps"), Math.max(...losses), TOLERANCE.loss),
    quantity(named("gradients"), Math.max(...gradients), TOLERANCE.gradient),
    quantity(named("weights after each LARS step"), Math.max(...weights), TOLERANCE.weights),
    quantity(named("running statistics"), Math.max(...statistics), TOLERANCE.weights),
    quantity(named("logits of the test set"), relative(tested, get("logits_test").data), TOLERANCE.logits),
    quantity(named("top-1 of the test set"), Math.abs(accuracy - get("acc_test").data[0]), TOLERANCE.accuracy),
  ];
}

/**
 * Checks head, gradients, running statistics and three LARS steps of MAE's linear probe, on both engines, without and with
 * (`wd/`) weight decay.
 *
 * @param file a fixture of kind "linear-probe"
 * @throws {UserError} when a tensor is missing
 */
export async function checkLinearProbe(file: SafetensorsFile): Promise<Check> {
  const quantities: Quantity[] = [], variants = file.tensors.has("wd/cfg") ? ["", "wd/"] : [""];
  for (const engine of [trainingEngine(), await EagerEngine.create("cpu")]) {
    for (const prefix of variants) quantities.push(...await checkRun(engine, file, prefix));
  }
  return { kind: "linear-probe", quantities };
}
