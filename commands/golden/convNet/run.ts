import type { Engine } from "../../../core/engine/engine.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type FreezeOutSchedule, freezeOutState } from "../../../core/schedules/freezeOut.ts";
import { type Check, largestError, type Quantity, quantity } from "../check.ts";
import { absoluteError, errorOfLargest, type Named, worst } from "./compare.ts";
import { convNetEngine } from "./engine.ts";
import { type FixtureConfig, floats, metadataOf, netOf, oneHot, scheduleOf } from "./fixture.ts";
import { Frozen } from "./frozen.ts";
import { batchOf, wholeImages } from "./pool.ts";
import { compareSchedule } from "./trace.ts";
import { Trainee } from "./trainee.ts";

/**
 * Allowed errors. In so many inputs one of a ReLU may lie within rounding of 0 and change its sign, and from there on
 * losses differ by up to 1e-3. A single iteration from the state before it has no such past; its weights may.
 */
const TOLERANCE = { loss: 1e-3, weights: 1e-4, logits: 1e-3, oneLoss: 1e-5, input: 1e-6 };
/** AdamW moves weights of near-zero gradients by the rate: how far beyond the fixture's own noise that may go. */
const BEYOND_NOISE = 20;

/** The first batch as the fixture's own pipeline made it. */
export function checkInput(file: SafetensorsFile): Quantity[] {
  if (!file.tensors.has("x_it0")) return [];
  return [
    quantity(
      "images of the first batch",
      largestError(batchOf(file, 0).images, floats(file, "x_it0")),
      TOLERANCE.input,
    ),
  ];
}

/** Trains one iteration; returns its loss. */
export async function iterate(
  trainee: Trainee,
  file: SafetensorsFile,
  schedule: FreezeOutSchedule,
  iteration: number,
  classes: number,
): Promise<number> {
  const { images, labels } = batchOf(file, iteration), { layerLr, firstLive } = freezeOutState(schedule, iteration);
  const { loss: [loss] } = await trainee.pass({ images, targets: oneHot(labels, classes) }, labels.length, firstLive);
  trainee.update(layerLr, firstLive, iteration + 1);
  return loss;
}

/** Weights, statistics and moments beside those under a prefix; `suffix` is that of the moments' names. */
export function compareState(
  trainee: Trainee,
  file: SafetensorsFile,
  sd: string,
  moments: (key: string) => string,
): Named[] {
  const { arena, parameters } = trainee;
  return [
    ...arena.names().map((name) => absoluteError(file, sd, name, arena.view(name))),
    ...parameters.flatMap((name) =>
      Object.entries(trainee.moments(name)).flatMap(([key, values]) =>
        file.tensors.has(`${moments(key)}/${name}`) ? [absoluteError(file, moments(key), name, values)] : []
      )
    ),
  ];
}

/** Single iterations, each from the state that the fixture has before it. */
async function checkSingle(
  trainee: Trainee,
  file: SafetensorsFile,
  variant: string,
  schedule: FreezeOutSchedule,
  config: FixtureConfig,
) {
  const losses = getTensor(file, `${variant}/loss`, Float64Array).data,
    before = (j: number) => `${variant}/state_before_it${j}`;
  const has = (j: number) => file.tensors.has(`${before(j)}/sd/${trainee.parameters[0]}`);
  const known = [...losses.keys()].filter(has), errors: number[] = [], steps: Named[] = [];
  for (const j of known) {
    trainee.load(file, `${before(j)}/sd`);
    trainee.loadMoments(file, before(j));
    errors.push(Math.abs(await iterate(trainee, file, schedule, j, config.classes) / losses[j] - 1));
    if (has(j + 1)) {
      steps.push(...compareState(trainee, file, `${before(j + 1)}/sd`, (key) => `${before(j + 1)}/${key}`));
    }
  }
  return known.length === 0 ? [] : [
    quantity(
      `${variant}: losses of single iterations`,
      Math.max(...errors),
      TOLERANCE.oneLoss,
      `iterations ${known.join(", ")}`,
    ),
    quantity(
      `${variant}: what a single iteration leaves`,
      worst(steps)[0],
      TOLERANCE.weights,
      `worst ${worst(steps)[1]}`,
    ),
  ];
}

async function checkVariant(
  engine: Engine,
  file: SafetensorsFile,
  variant: string,
  config: FixtureConfig,
): Promise<Quantity[]> {
  const { shape: [iterations], data: wanted } = getTensor(file, `${variant}/loss`, Float64Array);
  const { shape: [images, , side] } = getTensor(file, "pool_u8", Uint8Array);
  const trainee = await Trainee.create(engine, netOf(config, side), config);
  const schedule = scheduleOf(config, trainee.chosen.net.layers(trainee.chosen.config), iterations);
  trainee.load(file, "sd0");
  const frozen = new Frozen(trainee), losses: number[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    frozen.keep(freezeOutState(schedule, iteration).firstLive);
    losses.push(Math.abs(await iterate(trainee, file, schedule, iteration, config.classes) / wanted[iteration] - 1));
  }
  const state = worst(compareState(trainee, file, `${variant}/sd_final`, (key) => `${variant}/${key}_final`));
  const logits = await trainee.infer(wholeImages(file, "pool_u8", 0, images), images);
  const noise = metadataOf<Record<string, Record<string, number>>>(file, "float32_noise")[variant]?.sd_final ?? 0;
  const quantities = [
    ...compareSchedule(file, variant, schedule),
    quantity(`${variant}: losses, relative`, Math.max(...losses), TOLERANCE.loss, `${iterations} iterations`),
    quantity(
      `${variant}: weights, statistics and moments`,
      state[0],
      Math.max(TOLERANCE.weights, BEYOND_NOISE * noise),
      `worst ${state[1]}`,
    ),
    frozen.quantity(variant),
    quantity(
      `${variant}: logits in inference mode`,
      errorOfLargest(logits, floats(file, `${variant}/eval_logits_final`)),
      TOLERANCE.logits,
    ),
    ...await checkSingle(trainee, file, variant, schedule, config),
  ];
  trainee.dispose();
  return quantities;
}

/**
 * Checks short trainings in which layers freeze: schedule, losses, weights, running statistics and moments at the end, and
 * that what is frozen keeps every bit; then single iterations from the states that the fixture has.
 *
 * @param file a fixture of kind "freezeout-run-…"
 * @throws {UserError} when a tensor is missing, or the metadata describe no net
 */
export async function checkFreezeOutRun(file: SafetensorsFile): Promise<Check> {
  const engine = convNetEngine(), quantities = checkInput(file);
  for (const [variant, config] of Object.entries(metadataOf<Record<string, FixtureConfig>>(file, "variants"))) {
    quantities.push(...await checkVariant(engine, file, variant, config));
  }
  return { kind: file.metadata.kind, quantities };
}
