import { Arena } from "../../../core/engine/arena.ts";
import { CompiledEngine } from "../../../core/engine/compiled.ts";
import type { Feeds, Program } from "../../../core/engine/program.ts";
import { ofCells } from "../../../core/masking/cells.ts";
import { disjointPair, disjointViews } from "../../../core/masking/disjoint.ts";
import { type Mask, maskFromNoise } from "../../../core/masking/randomMask.ts";
import { type MaeConfig, type MaeOptions, targetLength } from "../../../core/methods/mae/config.ts";
import { maeFeeds } from "../../../core/methods/mae/feeds.ts";
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
function viewsOf(file: SafetensorsFile, { B, K, rule }: ViewFacts, config: MaeConfig): Mask[][] {
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

/** The program with the positions of the fixture where these are not the sin-cos ones. */
function programOf(file: SafetensorsFile, options: MaeOptions): Program {
  if (file.metadata.kind !== "mae-layernorm-eps") return maeProgram(options);
  const positions = { encoder: floats(file, "sd0/pos_embed"), decoder: floats(file, "sd0/decoder_pos_embed") };
  return maeProgram({ ...options, positions });
}

function loaded(file: SafetensorsFile, { parameters }: Program): Arena {
  const arena = new Arena(parameters);
  for (const { name } of parameters) arena.view(name).set(floats(file, `sd0/${name}`));
  return arena;
}

/**
 * Checks targets, masks, forward pass, losses, gradients and three AdamW steps of a masked autoencoder against the released code.
 *
 * @param file a fixture of kind "mae-…" or "dmjd-vit-…"
 */
export async function checkMaeStep(file: SafetensorsFile): Promise<Check> {
  const facts = JSON.parse(file.metadata.cfg) as Facts, config = configOf(facts), rows = facts.B * facts.K;
  const check = await checkAutoencoder(file, facts, config, (looked) => programOf(file, { config, rows, looked }));
  if (!file.tensors.has("cos_loss")) return check;
  return { ...check, quantities: [...check.quantities, ...await cosineQuantities(file, facts, config)] };
}

/** A fixture's masks [view][image], its targets, and what a program of it is fed with. */
function fedBy(file: SafetensorsFile, facts: ViewFacts, config: MaeConfig) {
  const { B } = facts, views = viewsOf(file, facts, config), images = floats(file, "x");
  const pixels = interleaved(getTensor(file, "x_u8", Uint8Array).data, config.imageSize);
  const target = config.teacher
    ? whitenFeatures(floats(file, "features"), config.teacher.dim)
    : config.target === "hog"
    ? hogTargets(config, pixels, B)
    : pixelTargets(config, images, B);
  return { views, target, feeds: maeFeeds(config, images, target, views) };
}

/** Loss by angles, and its gradient in the predictions through the bias of each head, which is the sum over all rows. */
async function cosineQuantities(file: SafetensorsFile, facts: Facts, config: MaeConfig): Promise<Quantity[]> {
  const own = { ...config, teacher: { ...config.teacher!, loss: "cosine" as const } }, C = targetLength(config);
  const { views, feeds } = fedBy(file, facts, own), program = maeProgram({ config: own, rows: facts.B * facts.K });
  const heads = ["decoder_pred.bias", "predictor.0.bias"], arena = loaded(file, program);
  const step = await new CompiledEngine(1).train(program, arena, heads);
  const { loss } = await step.run(feeds), masked = maskedRows(floats(file, "cos_grad_pred"), views.flat(), C);
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

/** What a fixture says of its images and views. */
export type ViewFacts = Pick<Facts, "B" | "K" | "rule">;

/**
 * The same of any masked autoencoder.
 *
 * @param program of the fixture's views
 */
export async function checkAutoencoder(
  file: SafetensorsFile,
  facts: ViewFacts,
  config: MaeConfig,
  program: (looked: boolean) => Program,
): Promise<Check> {
  const { views, target, feeds } = fedBy(file, facts, config), C = targetLength(config), quantities: Quantity[] = [];
  quantities.push(
    quantity("targets, relative", relativeNorm(target, floats(file, "target")), TOLERANCE.target),
    quantity("masks that differ", largestError(views.flat().flatMap(({ mask }) => [...mask]), floats(file, "mask")), 0),
    ...await forward(file, program(true), feeds, views.flat(), C),
    ...await training(file, program(false), feeds),
  );
  return { kind: file.metadata.kind, quantities };
}

async function forward(
  file: SafetensorsFile,
  program: Program,
  feeds: Feeds,
  views: Mask[],
  C: number,
): Promise<Quantity[]> {
  const step = await new CompiledEngine(1).infer(program, loaded(file, program));
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

async function training(file: SafetensorsFile, program: Program, feeds: Feeds): Promise<Quantity[]> {
  const arena = loaded(file, program), names = arena.names();
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
      if (file.tensors.has("eps1e5/loss")) {
        // The loss at 1e-5 lies 1e-3 away: what comes within the tolerance of the one at 1e-6 has another eps than that.
        const apart = Math.abs(outputs.loss[0] / floats(file, "eps1e5/loss")[0] - 1);
        const note = `${apart.toExponential(2)} from the loss at 1e-5`;
        quantities.push(quantity("eps of norms is not 1e-5", apart > 1e-4 ? 0 : 1, 0, note));
      }
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
