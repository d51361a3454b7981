import { Arena } from "../../../core/engine/arena.ts";
import { CompiledEngine } from "../../../core/engine/compiled.ts";
import { type ClassifierConfig, classifierInference, classifierProgram } from "../../../core/models/classifier.ts";
import { tokenCount } from "../../../core/models/config.ts";
import { blockCount } from "../../../core/models/hybrid.ts";
import { allTokens, gatherPatches } from "../../../core/models/patches.ts";
import { AdamW } from "../../../core/optim/adamwOptimizer.ts";
import { decaysInFinetuning, layerDecayFactor } from "../../../core/optim/groups.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, type Quantity, quantity, relativeNorm } from "../check.ts";
import { type HybridFacts, hybridOf } from "./convMaeStep.ts";

/** Allowed errors, as of pre-training. */
const TOLERANCE = { forward: 1e-5, loss: 2e-6, gradient: 2e-4, weights: 1e-4 };
const STEPS = 3, CLEAR = 1e-4;
/** Label smoothing of the fixture's second loss. */
const SMOOTHING = 0.1;

type Facts =
  & { classes: number; decay: number; B: number; img: number; heads: number }
  & (
    | ({ arch: "convit" } & HybridFacts)
    | { arch: "vit"; patch: number; dim: number; depth: number }
  );

const floats = (file: SafetensorsFile, key: string) => getTensor(file, key, Float32Array).data;

function configOf(facts: Facts): ClassifierConfig {
  const { classes: numClasses, img: imageSize, heads: numHeads } = facts;
  if (facts.arch === "convit") return { ...hybridOf(facts), numClasses };
  const { patch: patchSize, dim: embedDim, depth } = facts;
  return { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio: 4, numClasses };
}

/**
 * Checks logits, losses, gradients and three AdamW steps with layer-wise rates of a classifier's fine-tuning.
 *
 * @param file a fixture of kind "ft-vit-gap" or "ft-convit"
 */
export async function checkFinetuneStep(file: SafetensorsFile): Promise<Check> {
  const facts = JSON.parse(file.metadata.cfg) as Facts, config = configOf(facts), { B } = facts;
  const patches = gatherPatches(floats(file, "x"), config, allTokens(B, tokenCount(config)));
  const program = classifierProgram(config, B), arena = new Arena(program.parameters), names = arena.names();
  for (const name of names) arena.view(name).set(floats(file, `sd0/${name}`));
  const look = await new CompiledEngine(1).infer(classifierInference(config, B), arena);
  const { logits } = await look.run({ patches }), labels = [...getTensor(file, "y", BigInt64Array).data].map(Number);
  const hard = smoothedLoss(logits, labels, config.numClasses) / floats(file, "loss_hard_smooth")[0] - 1;
  const quantities = [
    quantity("logits", relativeNorm(logits, floats(file, "logits")), TOLERANCE.forward),
    quantity("loss of hard labels, smoothed", Math.abs(hard), TOLERANCE.loss),
  ];
  look.dispose();
  const keep = new Float32Array(2 * blockCount(config) * B).fill(1), feeds = { patches, keep };
  const steps = await training(file, config, arena, (targets) => ({ ...feeds, targets }));
  return { kind: file.metadata.kind, quantities: [...quantities, ...steps] };
}

/** Mean cross-entropy against labels of which a share goes to all classes. */
function smoothedLoss(logits: Float32Array, labels: number[], classes: number): number {
  return labels.reduce((sum, label, b) => {
    const row = logits.subarray(b * classes, (b + 1) * classes);
    const all = Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0));
    const mean = row.reduce((total, logit) => total + logit, 0) / classes;
    return sum + (all - (1 - SMOOTHING) * row[label] - SMOOTHING * mean) / labels.length;
  }, 0);
}

async function training(
  file: SafetensorsFile,
  config: ClassifierConfig,
  arena: Arena,
  feeds: (targets: Float32Array) => Record<string, Float32Array>,
): Promise<Quantity[]> {
  const { cfg, lr, wd, betas } = file.metadata, { decay, B } = JSON.parse(cfg) as Facts, losses: number[] = [];
  const program = classifierProgram(config, B), names = arena.names(), soft = floats(file, "soft");
  const step = await new CompiledEngine(1).train(program, arena, names);
  const adamw = await AdamW.create(arena, { betas: JSON.parse(betas), eps: 1e-8 });
  let worst: readonly [number, string] = [0, ""];
  for (let k = 0; k < STEPS; k++) {
    const { loss } = await step.run(feeds(soft));
    losses.push(Math.abs(loss[0] / floats(file, `loss_step${k}`)[0] - 1));
    if (k === 0) {
      worst = names.map((name) =>
        [relativeNorm(arena.view(name, "gradient"), floats(file, `grad0/${name}`)), name] as const
      ).reduce((a, b) => b[0] > a[0] || Number.isNaN(b[0]) ? b : a);
    }
    adamw.update(
      program.parameters.map((spec) => ({
        name: spec.name,
        lr: Number(lr) * layerDecayFactor(spec.name, config.depth, decay),
        weightDecay: decaysInFinetuning(spec) ? Number(wd) : 0,
      })),
      k + 1,
    );
  }
  step.dispose();
  adamw.dispose();
  const gradients = names.map((name) => floats(file, `grad0/${name}`));
  const largest = gradients.reduce((most, values) => values.reduce((a, g) => Math.max(a, Math.abs(g)), most), 0);
  let far = 0, left = 0;
  names.forEach((name, at) => {
    const expected = floats(file, `sd3/${name}`);
    arena.view(name).forEach((value, i) => {
      if (Math.abs(gradients[at][i]) > CLEAR * largest) far = Math.max(far, Math.abs(value - expected[i]));
      else left++;
    });
  });
  return [
    quantity(`losses of ${STEPS} steps`, Math.max(...losses), TOLERANCE.loss),
    quantity("gradients, relative", worst[0], TOLERANCE.gradient, `${names.length} tensors, worst ${worst[1]}`),
    quantity(
      `weights after ${STEPS} AdamW steps`,
      far,
      TOLERANCE.weights,
      `${left} numbers left out, whose gradient is rounding`,
    ),
  ];
}
