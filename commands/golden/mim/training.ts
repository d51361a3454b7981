import { trainingEngine } from "../engine.ts";
import type { Arena } from "../../../core/engine/arena.ts";
import type { Feeds, ParameterSpec, Program } from "../../../core/engine/program.ts";
import { AdamW } from "../../../core/optim/adamwOptimizer.ts";
import { decaysInPretraining } from "../../../core/optim/groups.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Quantity, quantity, relativeNorm } from "../check.ts";

/** Allowed errors: float32 sums in another order; relative, of weights absolute where their gradient is clear of rounding. */
export const TOLERANCE = { target: 1e-5, forward: 1e-5, loss: 2e-6, gradient: 2e-4, weights: 1e-4 };
const STEPS = 3;
/** Share of the model's largest gradient from which a gradient is clear of rounding. */
const CLEAR = 1e-4;

/** A fixture's tensor of float32, flat. */
export const floats = (file: SafetensorsFile, key: string) => getTensor(file, key, Float32Array).data;
/** A fixture's tensor of whole numbers, flat. */
export const whole = (file: SafetensorsFile, key: string) =>
  Array.from(getTensor(file, key, BigInt64Array).data, Number);

/** Fills an arena with the weights that a fixture starts from. */
export function startWeights(file: SafetensorsFile, arena: Arena): Arena {
  for (const name of arena.names()) arena.view(name).set(floats(file, `sd0/${name}`));
  return arena;
}

/** What a check of training varies. */
export interface TrainingRules {
  /** A parameter's learning rate over the fixture's; 1 unless given. */
  lrFactor?(name: string): number;
  /** Whether weights decay; as in pre-training unless given. */
  decays?(spec: ParameterSpec): boolean;
  /** Further quantities of the first step. */
  first?(outputs: Record<string, Float32Array>): Quantity[];
}

/**
 * Checks losses, gradients of the first step and the weights behind three AdamW steps.
 *
 * @param arena with the weights that the fixture starts from; it is trained
 */
export async function checkTraining(
  file: SafetensorsFile,
  program: Program,
  arena: Arena,
  feeds: Feeds,
  { lrFactor = () => 1, decays = decaysInPretraining, first = () => [] }: TrainingRules = {},
): Promise<Quantity[]> {
  const { lr, wd, betas } = file.metadata, names = arena.names(), losses: number[] = [], quantities: Quantity[] = [];
  const step = await trainingEngine().train(program, arena, names);
  const adamw = await AdamW.create(arena, { betas: JSON.parse(betas), eps: 1e-8 });
  for (let k = 0; k < STEPS; k++) {
    const outputs = await step.run(feeds);
    losses.push(Math.abs(outputs.loss[0] / floats(file, `loss_step${k}`)[0] - 1));
    if (k === 0) quantities.push(gradientError(file, arena), ...first(outputs));
    adamw.update(
      program.parameters.map((spec) => ({
        name: spec.name,
        lr: Number(lr) * lrFactor(spec.name),
        weightDecay: decays(spec) ? Number(wd) : 0,
      })),
      k + 1,
    );
  }
  step.dispose();
  adamw.dispose();
  const loss = quantity(`losses of ${STEPS} steps`, Math.max(...losses), TOLERANCE.loss);
  return [loss, ...quantities, weightError(file, arena)];
}

function gradientError(file: SafetensorsFile, arena: Arena): Quantity {
  const names = arena.names(),
    errors = names.map((name) =>
      [relativeNorm(arena.view(name, "gradient"), floats(file, `grad0/${name}`)), name] as const
    );
  const [error, worst] = errors.reduce((a, b) => b[0] > a[0] || Number.isNaN(b[0]) ? b : a);
  return quantity("gradients, relative", error, TOLERANCE.gradient, `${names.length} tensors, worst ${worst}`);
}

function weightError(file: SafetensorsFile, arena: Arena): Quantity {
  const tensors = arena.names().map((name) => [name, floats(file, `grad0/${name}`)] as const);
  const largest = tensors.reduce((most, [, all]) => all.reduce((a, g) => Math.max(a, Math.abs(g)), most), 0);
  let far = 0, left = 0;
  for (const [name, gradient] of tensors) {
    const expected = floats(file, `sd3/${name}`);
    arena.view(name).forEach((value, i) => {
      if (Math.abs(gradient[i]) > CLEAR * largest) far = Math.max(far, Math.abs(value - expected[i]));
      else left++;
    });
  }
  const note = `${left} numbers left out, whose gradient is rounding`;
  return quantity(`weights after ${STEPS} AdamW steps`, far, TOLERANCE.weights, note);
}
