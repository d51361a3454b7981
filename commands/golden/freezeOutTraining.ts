import type { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { allTensors } from "../../core/models/convnet/convNet.ts";
import { absorbStatistics, liveParts } from "../../core/models/convnet/live.ts";
import type { ChosenConvNet } from "../../core/models/convnet/mod.ts";
import { createOptimizer, type OptimizerConfig } from "../../core/optim/createOptimizer.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type FreezeOutSchedule, freezeOutState } from "../../core/schedules/freezeOut.ts";
import { largestError, type Quantity, quantity } from "./check.ts";
import { floats, oneHot, worst } from "./convnet.ts";
import type { Images } from "./freezeOutImages.ts";
import type { Variant } from "./freezeOutSchedule.ts";

/**
 * Allowed errors: float32 sums in another order over a dozen steps. At a rate of 0.1 AdamW moves a weight by about the rate
 * wherever its gradient is near 0, so there only losses and logits can agree.
 */
export const TOLERANCE = { loss: 1e-5, final: 5e-5, logits: 1e-4 };
const BETAS: [number, number] = [0.9, 0.999];

/** A network in training, and what it is trained by. */
export interface Training {
  engine: Engine;
  chosen: ChosenConvNet;
  arena: Arena;
  schedule: FreezeOutSchedule;
  variant: Variant;
}

const optimizerOf = ({ opt = "sgd" }: Variant): OptimizerConfig =>
  opt === "adamw" ? { kind: "adamw", betas: BETAS, eps: 1e-8 } : { kind: "sgd", momentum: 0.9, nesterov: true };

/** Trains, iteration by iteration, and gives each loss; `after` is called with the iteration that is done. */
export async function trainRun(
  { engine, chosen: { net, config }, arena, schedule, variant }: Training,
  batches: Images[],
  after: (iteration: number) => Promise<void> = () => Promise.resolve(),
): Promise<{ losses: number[]; firstLogits: Float32Array }> {
  const optimizer = await createOptimizer(optimizerOf(variant), arena), losses: number[] = [];
  const weightDecay = variant.wd ?? 1e-4;
  let firstLogits = new Float32Array(0);
  for (const [j, { images, labels }] of batches.entries()) {
    const { layerLr, firstLive } = freezeOutState(schedule, j),
      { parameters, norms } = liveParts(net, config, firstLive);
    const program = net.program(config, labels.length, firstLive);
    const step = await engine.train(program, arena, parameters.map(({ name }) => name));
    const outputs = await step.run({ images, targets: oneHot(labels, config.numClasses) });
    losses.push(outputs.loss[0]);
    if (j === 0) firstLogits = outputs.logits.slice();
    absorbStatistics(norms, outputs, arena);
    optimizer.update(parameters.map(({ name, layer }) => ({ name, lr: layerLr[layer], weightDecay })), j + 1);
    step.dispose();
    await after(j);
  }
  optimizer.dispose();
  return { losses, firstLogits };
}

/** Logits of images in inference mode. */
export async function inferred({ engine, chosen, arena }: Training, { images, labels }: Images): Promise<Float32Array> {
  const step = await engine.infer(chosen.net.inference(chosen.config, labels.length), arena);
  const { logits } = await step.run({ images }), copy = logits.slice();
  step.dispose();
  return copy;
}

/** Whether AdamW at a large rate leaves weights to the rounding of gradients near 0. */
export const isRounding = ({ opt, lr = 0.1 }: Variant) => opt === "adamw" && lr >= 0.05;

/** Errors of the weights at the end, and the count of frozen tensors that moved by a bit after they froze. */
export function finalQuantities(
  file: SafetensorsFile,
  { chosen: { net, config }, arena, variant }: Training,
  name: string,
  moved: number,
): Quantity[] {
  const errors = allTensors(net, config).map((tensor) =>
    [largestError(arena.view(tensor.name), floats(file, `${name}/sd_final/${tensor.name}`)), tensor.name] as const
  );
  const [error, of] = worst(errors);
  return [
    ...(isRounding(variant)
      ? []
      : [quantity(`${name}: weights and statistics at the end`, error, TOLERANCE.final, `worst ${of}`)]),
    quantity(`${name}: frozen tensors that moved`, moved, 0),
  ];
}

/** Watches the tensors of frozen layers. */
export class FrozenWatch {
  moved = 0;
  readonly #kept = new Map<string, string>();

  constructor(readonly training: Training) {}

  /** Compares what was frozen in iteration j with what it was when it froze. */
  look(j: number): void {
    const { chosen: { net, config }, arena, schedule } = this.training, { liveLayers } = freezeOutState(schedule, j);
    const layers = new Map(net.parameters(config).map(({ name }) => [name, net.layerOf(config, name)]));
    for (const { name, layer } of net.statistics(config)) {
      layers.set(`${name}.running_mean`, layer);
      layers.set(`${name}.running_var`, layer);
    }
    for (const [name, layer] of layers) {
      if (liveLayers[layer]) continue;
      const bits = new Uint32Array(arena.view(name).slice().buffer).join(), kept = this.#kept.get(name) ?? bits;
      this.#kept.set(name, kept);
      if (bits !== kept) this.moved++;
    }
  }

  /** Tensors that froze at all. */
  get frozen(): number {
    return this.#kept.size;
  }
}
