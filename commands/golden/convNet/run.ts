import type { Engine } from "../../../core/engine/engine.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { freezeOutState } from "../../../core/schedules/freezeOut.ts";
import { type Check, type Quantity, quantity } from "../check.ts";
import { errorOfLargest } from "./compare.ts";
import { trainingEngine } from "../engine.ts";
import { type FixtureConfig, floats, metadataOf, netOf, scheduleOf } from "./fixture.ts";
import { Frozen } from "./frozen.ts";
import { checkInput, compareMoments, compareWeights, iterate, TOLERANCE } from "./iteration.ts";
import { nearestRun } from "./nearest.ts";
import { wholeImages } from "./pool.ts";
import { checkSingle } from "./singleIterations.ts";
import { compareSchedule } from "./trace.ts";
import { Trainee } from "./trainee.ts";

/** From this rate on AdamW, which moves a weight of near-zero gradient by the rate, makes much of rounding. */
const SENSITIVE = { rate: 0.01, logits: 5e-2 };

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
  const sensitive = config.opt === "adamw" && trainee.training.lr >= SENSITIVE.rate;
  const quantities = await nearestRun(async (attempt) => {
    trainee.load(file, "sd0", attempt);
    const frozen = new Frozen(trainee), losses: number[] = [];
    for (let iteration = 0; iteration < iterations; iteration++) {
      frozen.keep(freezeOutState(schedule, iteration).firstLive);
      losses.push(Math.abs(await iterate(trainee, file, schedule, iteration, config.classes) / wanted[iteration] - 1));
    }
    const [weights, worstWeight] = compareWeights(trainee, file, `${variant}/sd_final`);
    const moments = compareMoments(trainee, file, (moment) => `${variant}/${moment}_final`);
    const logits = await trainee.infer(wholeImages(file, "pool_u8", 0, images), images);
    return [
      quantity(
        `${variant}: losses, relative`,
        Math.max(...losses),
        TOLERANCE.loss,
        `${iterations} iterations${
          sensitive ? "; weights and moments left out: at this rate AdamW blows up rounding" : ""
        }`,
      ),
      ...sensitive ? [] : [
        quantity(`${variant}: weights and statistics`, weights, TOLERANCE.weights, `worst ${worstWeight}`),
        ...moments ? [quantity(`${variant}: moments`, moments[0], TOLERANCE.moments, `worst ${moments[1]}`)] : [],
      ],
      frozen.quantity(variant),
      quantity(
        `${variant}: logits in inference mode`,
        errorOfLargest(logits, floats(file, `${variant}/eval_logits_final`)),
        sensitive ? SENSITIVE.logits : TOLERANCE.logits,
      ),
    ];
  });
  const single = await checkSingle(trainee, file, variant, schedule, config);
  trainee.dispose();
  return [...compareSchedule(file, variant, schedule), ...quantities, ...single];
}

/**
 * Checks short trainings in which layers freeze: schedule, losses, weights, running statistics and moments at the end, and
 * that what is frozen keeps every bit; then single iterations from the states that the fixture has.
 *
 * @param file a fixture of kind "freezeout-run-…"
 * @throws {UserError} when a tensor is missing, or the metadata describe no net
 */
export async function checkFreezeOutRun(file: SafetensorsFile): Promise<Check> {
  const engine = trainingEngine(), quantities = checkInput(file);
  for (const [variant, config] of Object.entries(metadataOf<Record<string, FixtureConfig>>(file, "variants"))) {
    quantities.push(...await checkVariant(engine, file, variant, config));
  }
  return { kind: file.metadata.kind, quantities };
}
