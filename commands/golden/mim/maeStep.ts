import { Arena } from "../../../core/engine/arena.ts";
import { CompiledEngine } from "../../../core/engine/compiled.ts";
import type { Feeds } from "../../../core/engine/program.ts";
import { ofCells } from "../../../core/masking/cells.ts";
import { disjointPair, disjointViews } from "../../../core/masking/disjoint.ts";
import { type Mask, maskFromNoise } from "../../../core/masking/randomMask.ts";
import { type MaeConfig, targetLength } from "../../../core/methods/mae/config.ts";
import { maeFeeds } from "../../../core/methods/mae/feeds.ts";
import { maeParameters } from "../../../core/methods/mae/parameters.ts";
import { maeProgram } from "../../../core/methods/mae/program.ts";
import { hogTargets, pixelTargets, whitenFeatures } from "../../../core/methods/mae/targets.ts";
import { gridSize } from "../../../core/models/config.ts";
import { AdamW } from "../../../core/optim/adamwOptimizer.ts";
import { decaysInPretraining } from "../../../core/optim/groups.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, largestError, type Quantity, quantity, relativeNorm } from "../check.ts";

/** Allowed errors: float32 sums in another order; relative, of weights absolute where their gradient is clear of rounding. */
const TOLERANCE = { target: 1e-5, forward: 1e-5, loss: 2e-6, gradient: 2e-4, weights: 1e-4 };
const STEPS = 3;
/** Share of the model's largest gradient from which a gradient is clear of rounding. */
const CLEAR = 1e-4;

/** What a fixture says of its model. */
interface Facts {
  img: number;
  patch: number;
  dim: number;
  depth: number;
  heads: number;
  ddim: number;
  ddepth: number;
  dheads: number;
  B: number;
  K: number;
  m: number;
  mp?: number;
  pattern?: "uniform" | "block";
  rule?: "spread" | "greedy";
  jd?: "mlp3" | "linear" | null;
  order?: "aligned" | "released";
  target: "pixnorm" | "pix" | "hog" | "given";
  /** Numbers of a target. */
  tdim?: number;
}

const TARGETS = { pixnorm: "normPixels", pix: "pixels", hog: "hog", given: "features" } as const;

const floats = (file: SafetensorsFile, key: string) => getTensor(file, key, Float32Array).data;
const whole = (file: SafetensorsFile, key: string) => Array.from(getTensor(file, key, BigInt64Array).data, Number);

function configOf(
  { img, patch, dim, depth, heads, ddim, ddepth, dheads, K, m, mp = m, pattern, ...facts }: Facts,
): MaeConfig {
  return {
    imageSize: img,
    patchSize: patch,
    embedDim: dim,
    depth,
    numHeads: heads,
    mlpRatio: 4,
    decoderDim: ddim,
    decoderDepth: ddepth,
    decoderHeads: dheads,
    maskRatio: m,
    predRatio: mp,
    views: K,
    viewRule: K === 1 ? "independent" : "disjoint",
    pattern: pattern === "block" ? "cells" : "uniform",
    target: TARGETS[facts.target],
    ...(facts.target === "given" && { teacher: { weights: "0".repeat(64), dim: facts.tdim!, loss: "squared" } }),
    visible: facts.jd ? { projector: facts.jd, pairing: facts.order ?? "aligned", weight: 1 } : null,
    lrRule: "adaptive",
  };
}

/** Masks from the fixture's draws: [view][image]. */
function viewsOf(file: SafetensorsFile, { B, K, rule }: Facts, config: MaeConfig): Mask[][] {
  const noise = getTensor(file, "noise", Float32Array), units = noise.shape.at(-1)!, { maskRatio, predRatio } = config;
  const own = (row: number) => noise.data.subarray(row * units, (row + 1) * units);
  const images = Array.from({ length: B }, (_, image) => {
    if (K === 1) return [maskFromNoise(own(image), maskRatio)];
    if (K > 2) {
      const noises = Array.from({ length: K }, (_, view) => own(view * B + image));
      return disjointViews(noises, { maskRatio, predRatio }, { kind: rule ?? "spread" });
    }
    const draws = { visible: whole(file, "perm_vis"), masked: whole(file, "perm_mask") };
    return disjointPair(own(image), draws, { maskRatio, predRatio });
  }).map((masks) => config.pattern === "cells" ? masks.map((mask) => ofCells(mask, gridSize(config))) : masks);
  return Array.from({ length: K }, (_, view) => images.map((masks) => masks[view]));
}

/** [B, 3, S, S] bytes to [B, S, S, 3]. */
function interleaved(planes: Uint8Array, side: number): Uint8Array {
  const plane = side * side, pixels = new Uint8Array(planes.length);
  for (let i = 0; i < planes.length; i++) {
    const image = Math.floor(i / (3 * plane)), channel = Math.floor(i / plane) % 3;
    pixels[(image * plane + i % plane) * 3 + channel] = planes[i];
  }
  return pixels;
}

/** Rows of a fixture's prediction of all patches that are masked, ascending, [R, N, C] to [R*M, C]. */
function maskedRows(prediction: Float32Array, views: readonly Mask[], C: number): Float32Array {
  const rows = views.flatMap(({ mask }, row) =>
    Array.from(mask.keys()).filter((token) => mask[token] === 1).map((token) => row * mask.length + token)
  );
  const found = new Float32Array(rows.length * C);
  rows.forEach((row, k) => found.set(prediction.subarray(row * C, (row + 1) * C), k * C));
  return found;
}

function loaded(file: SafetensorsFile, config: MaeConfig): Arena {
  const parameters = maeParameters(config), arena = new Arena(parameters);
  for (const { name } of parameters) arena.view(name).set(floats(file, `sd0/${name}`));
  return arena;
}

/**
 * Checks targets, masks, forward pass, losses, gradients and three AdamW steps of a masked autoencoder against the released code.
 *
 * @param file a fixture of kind "mae-…" or "dmjd-vit-…"
 */
export async function checkMaeStep(file: SafetensorsFile): Promise<Check> {
  const facts = JSON.parse(file.metadata.cfg) as Facts, config = configOf(facts), { B, K } = facts, rows = B * K;
  const views = viewsOf(file, facts, config), images = floats(file, "x"), C = targetLength(config);
  const pixels = interleaved(getTensor(file, "x_u8", Uint8Array).data, config.imageSize);
  const target = config.teacher
    ? whitenFeatures(floats(file, "features"), config.teacher.dim)
    : config.target === "hog"
    ? hogTargets(config, pixels, B)
    : pixelTargets(config, images, B);
  const feeds = maeFeeds(config, images, target, views), quantities: Quantity[] = [];
  quantities.push(
    quantity("targets, relative", relativeNorm(target, floats(file, "target")), TOLERANCE.target),
    quantity("masks that differ", largestError(views.flat().flatMap(({ mask }) => [...mask]), floats(file, "mask")), 0),
    ...await forward(file, config, feeds, rows, views.flat(), C),
    ...await training(file, config, feeds, rows),
    ...(file.tensors.has("cos_loss") ? await cosine(file, config, feeds, rows, views.flat(), C) : []),
  );
  return { kind: file.metadata.kind, quantities };
}

async function forward(
  file: SafetensorsFile,
  config: MaeConfig,
  feeds: Feeds,
  rows: number,
  views: Mask[],
  C: number,
): Promise<Quantity[]> {
  const step = await new CompiledEngine(1).infer(maeProgram({ config, rows, looked: true }), loaded(file, config));
  const { latent, predicted, predictedVisible } = await step.run(feeds);
  const expected = maskedRows(floats(file, "pred"), views, C);
  const found = [
    quantity("latents", relativeNorm(latent, floats(file, "latent")), TOLERANCE.forward),
    quantity("predictions of masked patches", relativeNorm(predicted, expected), TOLERANCE.forward),
    ...(predictedVisible
      ? [
        quantity(
          "predictions of visible patches",
          relativeNorm(predictedVisible, floats(file, "pred_vis")),
          TOLERANCE.forward,
        ),
      ]
      : []),
  ];
  step.dispose();
  return found;
}

/** Loss by angles, and its gradient in the predictions through the bias of each head, which is the sum over all rows. */
async function cosine(
  file: SafetensorsFile,
  config: MaeConfig,
  feeds: Feeds,
  rows: number,
  views: Mask[],
  C: number,
): Promise<Quantity[]> {
  const own = { ...config, teacher: { ...config.teacher!, loss: "cosine" as const } }, arena = loaded(file, own);
  const heads = ["decoder_pred.bias", "predictor.0.bias"];
  const step = await new CompiledEngine(1).train(maeProgram({ config: own, rows }), arena, heads);
  const { loss } = await step.run(feeds), masked = maskedRows(floats(file, "cos_grad_pred"), views, C);
  const sums = [masked, floats(file, "cos_grad_pred_vis")].map((gradient) => {
    const sum = new Float32Array(C);
    gradient.forEach((value, i) => sum[i % C] += value);
    return sum;
  });
  const errors = heads.map((name, k) => relativeNorm(arena.view(name, "gradient"), sums[k]));
  step.dispose();
  return [
    quantity("loss by angles", Math.abs(loss[0] / floats(file, "cos_loss")[0] - 1), TOLERANCE.loss),
    quantity("gradients of it in both heads' biases", Math.max(...errors), TOLERANCE.gradient),
  ];
}

async function training(file: SafetensorsFile, config: MaeConfig, feeds: Feeds, rows: number): Promise<Quantity[]> {
  const program = maeProgram({ config, rows }), arena = loaded(file, config), names = arena.names();
  const step = await new CompiledEngine(1).train(program, arena, names), losses: number[] = [];
  const { lr, wd, betas } = file.metadata, eps = 1e-8;
  const adamw = await AdamW.create(arena, { betas: JSON.parse(betas), eps }), quantities: Quantity[] = [];
  const largest = Math.max(
    ...names.map((name) => floats(file, `grad0/${name}`).reduce((most, g) => Math.max(most, Math.abs(g)), 0)),
  );
  for (let k = 0; k < STEPS; k++) {
    const outputs = await step.run(feeds);
    losses.push(Math.abs(outputs.loss[0] / floats(file, `loss_step${k}`)[0] - 1));
    if (k === 0) {
      const errors = names.map((name) =>
        [relativeNorm(arena.view(name, "gradient"), floats(file, `grad0/${name}`)), name] as const
      );
      const [error, worst] = errors.reduce((a, b) => b[0] > a[0] || Number.isNaN(b[0]) ? b : a);
      quantities.push(
        quantity("gradients, relative", error, TOLERANCE.gradient, `${names.length} tensors, worst ${worst}`),
      );
      if (file.tensors.has("loss_vis")) {
        const far = Math.abs(outputs.lossVisible[0] / floats(file, "loss_vis")[0] - 1);
        quantities.push(quantity("loss of the visible branch", far, TOLERANCE.loss));
      }
    }
    const weightDecay = Number(wd);
    adamw.update(
      program.parameters.map((spec) => ({
        name: spec.name,
        lr: Number(lr),
        weightDecay: decaysInPretraining(spec) ? weightDecay : 0,
      })),
      k + 1,
    );
  }
  step.dispose();
  adamw.dispose();
  let far = 0, left = 0;
  for (const name of names) {
    const gradient = floats(file, `grad0/${name}`), expected = floats(file, `sd3/${name}`);
    arena.view(name).forEach((value, i) => {
      if (Math.abs(gradient[i]) > CLEAR * largest) far = Math.max(far, Math.abs(value - expected[i]));
      else left++;
    });
  }
  return [
    quantity(`losses of ${STEPS} steps`, Math.max(...losses), TOLERANCE.loss),
    ...quantities,
    quantity(
      `weights after ${STEPS} AdamW steps`,
      far,
      TOLERANCE.weights,
      `${left} numbers left out, whose gradient is rounding`,
    ),
  ];
}
