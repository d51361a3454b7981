import type { Engine } from "../../core/engine/engine.ts";
import type { Arena } from "../../core/engine/arena.ts";
import { runningNames } from "../../core/models/convnet/convNet.ts";
import { absorbStatistics, liveParts } from "../../core/models/convnet/live.ts";
import type { ChosenConvNet } from "../../core/models/convnet/mod.ts";
import { Sgd } from "../../core/optim/sgdOptimizer.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, largestError, type Quantity, quantity } from "./check.ts";
import { engines, fact, type Facts, floats, ints, loaded, netOf, oneHot, relative, worst } from "./convnet.ts";

/**
 * Allowed errors: float32 sums in another order. Logits and gradients are of the tensor's largest value, losses of
 * themselves, weights and momentum absolute.
 */
const TOLERANCE = {
  loss: 2e-6,
  logits: 1e-5,
  gradient: 2e-5,
  statistics: 5e-6,
  weights: 5e-6,
  momentum: 5e-5,
  zero: 1e-5,
};
/** VGG is noisier: with a norm behind ReLU and dropout on 8 rows some features have almost no variance. */
const VGG = 10;
const STEPS = 3;

interface Optimiser {
  lr: number;
  momentum: number;
  nesterov: boolean;
  weight_decay: number;
}

/** A tensor of a file that may hold of large ones each 7th element, and their norm, only: its error. */
function sampled(
  file: SafetensorsFile,
  prefix: string,
  name: string,
  actual: Float32Array,
  error: (actual: Float32Array, expected: Float32Array) => number,
): number {
  if (file.tensors.has(`${prefix}/${name}`)) return error(actual, floats(file, `${prefix}/${name}`));
  const norm = Math.sqrt(actual.reduce((sum, value) => sum + value * value, 0)),
    [expected] = floats(file, `${prefix}_norm/${name}`);
  const every7 = error(actual.filter((_, i) => i % 7 === 0), floats(file, `${prefix}_every7/${name}`));
  return Math.max(every7, Math.abs(norm / expected - 1));
}

async function checkEngine(engine: Engine, file: SafetensorsFile, chosen: ChosenConvNet): Promise<Quantity[]> {
  const { net, config, name: family } = chosen, noise = family === "vgg" ? VGG : 1;
  const named = (what: string) => `${engine.info.name} ${engine.info.backend}: ${what}`;
  const one = (what: string, error: number, tolerance: number, note?: string) =>
    quantity(named(what), error, tolerance * noise, note);
  const { lr, momentum, nesterov, weight_decay: weightDecay } = fact<Optimiser>(file, "optimiser");
  const zero = new Set(fact<string[]>(file, "zero_gradient")),
    labels = ints(file, "labels").data,
    batch = labels.length;
  const arena = loaded(file, chosen, "sd0"), { parameters, norms } = liveParts(net, config, 0);
  const names = parameters.map(({ name }) => name),
    step = await engine.train(net.program(config, batch, 0), arena, names);
  const sgd = await Sgd.create(arena, { momentum, nesterov }), feeds = feedsOf(file, chosen, labels);
  const quantities: Quantity[] = [], losses: number[] = [];
  for (let k = 0; k < STEPS; k++) {
    const outputs = await step.run(feeds(k));
    losses.push(Math.abs(outputs.loss[0] / floats(file, `loss_step${k}`)[0] - 1));
    absorbStatistics(norms, outputs, arena);
    if (k === 0) quantities.push(...firstStep(file, arena, outputs.logits, { names, zero, norms }, one));
    sgd.update(names.map((name) => ({ name, lr, weightDecay })));
  }
  step.dispose();
  sgd.dispose();
  const after = (prefix: string, names: string[], region?: "moment1"): readonly [number, string] =>
    worst(names.map((name) => [sampled(file, prefix, name, arena.view(name, region), largestError), name] as const));
  const running = norms.flatMap((norm) => Object.values(runningNames(norm)));
  const weights = after("sd3", [...names, ...running]), moments = after("momentum3", names, "moment1");
  const inference = await engine.infer(net.inference(config, batch), arena);
  const { logits } = await inference.run({ images: floats(file, "x") as Float32Array<ArrayBuffer> });
  quantities.push(
    one(`losses of ${STEPS} steps`, Math.max(...losses), TOLERANCE.loss),
    one(`weights and statistics after ${STEPS} SGD steps`, weights[0], TOLERANCE.weights, `worst ${weights[1]}`),
    one(`momentum after ${STEPS} SGD steps`, moments[0], TOLERANCE.momentum, `worst ${moments[1]}`),
    one("logits in inference mode", relative(logits, floats(file, "eval_logits3")), TOLERANCE.logits),
  );
  inference.dispose();
  return quantities;
}

function feedsOf(file: SafetensorsFile, { net, config }: ChosenConvNet, labels: ArrayLike<number>) {
  const { places, features } = net.dropout(config), images = floats(file, "x");
  const targets = oneHot(labels, config.numClasses), size = places * labels.length * features;
  return (step: number) => ({
    images,
    targets,
    ...(places && { keep: floats(file, "dropout_keep").slice(step * size, (step + 1) * size).map((kept) => 2 * kept) }),
  });
}

function firstStep(
  file: SafetensorsFile,
  arena: Arena,
  logits: Float32Array,
  { names, zero, norms }: { names: string[]; zero: ReadonlySet<string>; norms: string[] },
  one: (what: string, error: number, tolerance: number, note?: string) => Quantity,
): Quantity[] {
  const largest = Math.max(
    ...names.map((name) => arena.view(name, "gradient").reduce((a, g) => Math.max(a, Math.abs(g)), 0)),
  );
  const gradients = worst(
    names.filter((name) => !zero.has(name))
      .map((name) => [sampled(file, "grad0", name, arena.view(name, "gradient"), relative), name] as const),
  );
  const noise = worst(
    [...zero].map((name) =>
      [largestError(arena.view(name, "gradient"), arena.view(name, "gradient").map(() => 0)) / largest, name] as const
    ),
  );
  const statistics = worst(
    norms.flatMap((norm) =>
      Object.values(runningNames(norm)).map((name) =>
        [largestError(arena.view(name), floats(file, `bn_after_step0/${name}`)), name] as const
      )
    ),
  );
  return [
    one("logits of the first step", relative(logits, floats(file, "logits0")), TOLERANCE.logits),
    one("gradients", gradients[0], TOLERANCE.gradient, `${names.length} tensors, worst ${gradients[1]}`),
    ...(zero.size ? [one("gradients that are 0, of the largest", noise[0], TOLERANCE.zero, [...zero].join(", "))] : []),
    one("running statistics after the first pass", statistics[0], TOLERANCE.statistics, `worst ${statistics[1]}`),
  ];
}

/**
 * Checks forward, loss, gradients, running statistics and three SGD steps of a network against FreezeOut's code, on both engines.
 *
 * @param file a fixture of kind "convnet-…"
 */
export async function checkConvnetStep(file: SafetensorsFile): Promise<Check> {
  const chosen = netOf(fact<Facts>(file, "cfg")), quantities: Quantity[] = [];
  for (const engine of await engines()) quantities.push(...await checkEngine(engine, file, chosen));
  return { kind: file.metadata.kind, quantities };
}
