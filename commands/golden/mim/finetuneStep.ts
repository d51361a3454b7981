import { Arena } from "../../../core/engine/arena.ts";
import { CompiledEngine } from "../../../core/engine/compiled.ts";
import {
  type ClassifierConfig,
  classifierInference,
  classifierParameters,
  classifierProgram,
} from "../../../core/models/classifier.ts";
import { tokenCount } from "../../../core/models/config.ts";
import { allTokens, gatherPatches } from "../../../core/models/patches.ts";
import { AdamW } from "../../../core/optim/adamwOptimizer.ts";
import { decaysInFinetuning, layerDecayFactor } from "../../../core/optim/groups.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { mixBatch } from "../../../datasets/transforms/mixBatch.ts";
import { crossEntropy } from "../../../training/evaluate.ts";
import { type Check, quantity, relativeNorm } from "../check.ts";

/** Allowed errors, as of masked autoencoders. */
const TOLERANCE = { forward: 1e-5, loss: 2e-6, gradient: 2e-4, weights: 1e-4 };
const STEPS = 3;
/** Share of the model's largest gradient from which a gradient is clear of rounding. */
const CLEAR = 1e-4;
/** Of the fixture's loss of labels that are not mixed, on the logits of mixed images. */
const SMOOTHING = 0.1;

interface Facts {
  img: number;
  patch: number;
  dim: number;
  depth: number;
  heads: number;
  B: number;
  classes: number;
  decay: number;
}

/**
 * Checks fine-tuning with soft targets and layer-wise decay of the learning rate: logits, losses, gradients and three AdamW steps.
 *
 * @param file a fixture of kind "ft-vit-gap"
 */
export async function checkFinetuneStep(file: SafetensorsFile): Promise<Check> {
  const { img, patch, dim, depth, heads, B, classes, decay } = JSON.parse(file.metadata.cfg) as Facts;
  const shape = { imageSize: img, patchSize: patch, embedDim: dim, depth, numHeads: heads, mlpRatio: 4 };
  const config: ClassifierConfig = { ...shape, numClasses: classes };
  const floats = (key: string) => getTensor(file, key, Float32Array).data;
  const patchesOf = (images: Float32Array) => gatherPatches(images, config, allTokens(B, tokenCount(config)));
  const arena = new Arena(classifierParameters(config)), names = arena.names(), engine = new CompiledEngine(1);
  for (const name of names) arena.view(name).set(floats(`sd0/${name}`));

  const look = await engine.infer(classifierInference(config, B), arena);
  const logits = (await look.run({ patches: patchesOf(floats("x")) })).logits.slice();
  look.dispose();
  const labels = Int32Array.from(getTensor(file, "y", BigInt64Array).data, Number);
  const { targets } = mixBatch(randomStream(0, "mixup"), floats("x").slice(), [B, 3, img, img], labels, classes, {
    mixupAlpha: 0,
    cutmixAlpha: 0,
    labelSmoothing: SMOOTHING,
  });
  const smooth = targets.reduce((sum, share, k) => {
    const image = Math.floor(k / classes), row = logits.subarray(image * classes, (image + 1) * classes);
    return sum + share * crossEntropy(row, k % classes) / B;
  }, 0);
  const quantities = [
    quantity("logits", relativeNorm(logits, floats("logits")), TOLERANCE.forward),
    quantity("loss of smoothed labels", Math.abs(smooth / floats("loss_hard_smooth")[0] - 1), TOLERANCE.loss),
  ];

  const program = classifierProgram(config, B), step = await engine.train(program, arena, names);
  const { lr, wd, betas } = file.metadata, adamw = await AdamW.create(arena, { betas: JSON.parse(betas), eps: 1e-8 });
  const feeds = {
    patches: patchesOf(floats("x")),
    targets: floats("soft"),
    keep: new Float32Array(2 * depth * B).fill(1),
  };
  const losses: number[] = [];
  for (let k = 0; k < STEPS; k++) {
    const { loss } = await step.run(feeds);
    losses.push(Math.abs(loss[0] / floats(`loss_step${k}`)[0] - 1));
    if (k === 0) {
      const errors = names.map((name) => relativeNorm(arena.view(name, "gradient"), floats(`grad0/${name}`)));
      const worst = Math.max(...errors);
      quantities.push(quantity("gradients, relative", worst, TOLERANCE.gradient, `${names.length} tensors`));
    }
    adamw.update(
      program.parameters.map((spec) => ({
        name: spec.name,
        lr: Number(lr) * layerDecayFactor(spec.name, depth, decay),
        weightDecay: decaysInFinetuning(spec) ? Number(wd) : 0,
      })),
      k + 1,
    );
  }
  step.dispose();
  adamw.dispose();
  const all = names.map((name) => floats(`grad0/${name}`));
  const largest = Math.max(...all.map((values) => values.reduce((most, g) => Math.max(most, Math.abs(g)), 0)));
  const far = names.map((name, at) => {
    const expected = floats(`sd3/${name}`);
    return arena.view(name).reduce((most, value, i) => {
      return Math.abs(all[at][i]) > CLEAR * largest ? Math.max(most, Math.abs(value - expected[i])) : most;
    }, 0);
  });
  quantities.push(
    quantity(`losses of ${STEPS} steps`, Math.max(...losses), TOLERANCE.loss),
    quantity(`weights after ${STEPS} AdamW steps`, Math.max(...far), TOLERANCE.weights),
  );
  return { kind: file.metadata.kind, quantities };
}
