import { trainingEngine } from "../engine.ts";
import { Arena } from "../../../core/engine/arena.ts";
import type { Feeds, Program } from "../../../core/engine/program.ts";
import { masksByView } from "../../../core/masking/byView.ts";
import { ofCells } from "../../../core/masking/cells.ts";
import { disjointPair, disjointViews } from "../../../core/masking/disjoint.ts";
import { type Mask, maskFromNoise } from "../../../core/masking/randomMask.ts";
import { type MaeConfig, type MaeOptions, targetLength } from "../../../core/methods/mae/config.ts";
import { maeFeeds } from "../../../core/methods/mae/feeds.ts";
import { maeProgram } from "../../../core/methods/mae/program.ts";
import { hogTargets, pixelTargets, whitenFeatures } from "../../../core/methods/mae/targets.ts";
import { gridSize } from "../../../core/models/config.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, largestError, type Quantity, quantity, relativeNorm } from "../check.ts";
import { checkTraining, floats, startWeights, TOLERANCE, whole } from "./training.ts";

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
  const drawn = (image: number) => {
    if (K === 1) return [maskFromNoise(own(image), maskRatio)];
    if (K > 2) {
      const noises = Array.from({ length: K }, (_, view) => own(view * B + image));
      return disjointViews(noises, { maskRatio, predRatio }, { kind: rule ?? "spread" });
    }
    const draws = { visible: whole(file, "perm_vis"), masked: whole(file, "perm_mask") };
    return disjointPair(own(image), draws, { maskRatio, predRatio });
  };
  const isCells = config.pattern === "cells";
  return masksByView(B, K, (image) => drawn(image).map((mask) => isCells ? ofCells(mask, gridSize(config)) : mask));
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

const loaded = (file: SafetensorsFile, { parameters }: Program) => startWeights(file, new Arena(parameters));

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
  const step = await trainingEngine().train(program, arena, heads);
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
    ...await checkTraining(file, program(false), loaded(file, program(false)), feeds, {
      first: (outputs) => firstStep(file, outputs),
    }),
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
  const step = await trainingEngine().infer(program, loaded(file, program));
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

/** What some fixtures have beside the loss: the visible branch's, and the loss where norms have another eps. */
function firstStep(file: SafetensorsFile, { loss, lossVisible }: Record<string, Float32Array>): Quantity[] {
  const found: Quantity[] = [];
  if (file.tensors.has("eps1e5/loss")) {
    // The loss at 1e-5 lies 1e-3 away: what comes within the tolerance of the one at 1e-6 has another eps than that.
    const apart = Math.abs(loss[0] / floats(file, "eps1e5/loss")[0] - 1);
    const note = `${apart.toExponential(2)} from the loss at 1e-5`;
    found.push(quantity("eps of norms is not 1e-5", apart > 1e-4 ? 0 : 1, 0, note));
  }
  if (file.tensors.has("loss_vis")) {
    const far = Math.abs(lossVisible[0] / floats(file, "loss_vis")[0] - 1);
    found.push(quantity("loss of the visible branch", far, TOLERANCE.loss));
  }
  return found;
}
