import { trainingEngine } from "../engine.ts";
import { Arena } from "../../../core/engine/arena.ts";
import type { Program } from "../../../core/engine/program.ts";
import { viewsAfter } from "../../../core/masking/disjoint.ts";
import { maskOf } from "../../../core/masking/order.ts";
import type { Mask } from "../../../core/masking/randomMask.ts";
import { allTokensFeeds } from "../../../core/methods/allTokens.ts";
import { beitProgram } from "../../../core/methods/beit/program.ts";
import { oneHot } from "../../../core/methods/beit/targets.ts";
import { HOG_LENGTH } from "../../../core/methods/maskfeat/config.ts";
import { maskFeatProgram } from "../../../core/methods/maskfeat/program.ts";
import { simMimProgram } from "../../../core/methods/simmim/program.ts";
import { tokenCount, type VitConfig } from "../../../core/models/config.ts";
import { allTokens, gatherPatches } from "../../../core/models/patches.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, type Quantity, quantity, relativeNorm } from "../check.ts";
import { checkTraining, floats, startWeights, TOLERANCE, whole } from "./training.ts";

interface Facts {
  fam: "simmim" | "beit" | "maskfeat";
  img: number;
  patch: number;
  dim: number;
  depth: number;
  heads: number;
  /** Of a Swin transformer: blocks and heads of each stage, side of a window; `patch` and `dim` are the first stage's. */
  depths?: number[];
  nheads?: number[];
  win?: number;
  B: number;
  K: number;
  vocab?: number;
  nmask?: number;
  mp?: number;
}

function configOf({ img, patch, dim, depth, heads, depths, nheads = [], win = 0 }: Facts): VitConfig {
  if (!depths) return { imageSize: img, patchSize: patch, embedDim: dim, depth, numHeads: heads, mlpRatio: 4 };
  const merged = 2 ** (depths.length - 1), blocks = depths.reduce((sum, each) => sum + each, 0);
  const last = { patchSize: patch * merged, embedDim: dim * merged, depth: blocks, numHeads: nheads.at(-1)! };
  return { imageSize: img, ...last, mlpRatio: 4, swin: { depths, numHeads: nheads, window: win } };
}

/** The masks of a fixture, [view][image], from 0 and 1 for each patch; of a Swin transformer the first of each square is looked at. */
function viewsOf(file: SafetensorsFile, { B, K, img, patch, depths = [0] }: Facts, tokens: number): Mask[][] {
  const side = img / patch, step = 2 ** (depths.length - 1);
  const first = (k: number) => k % step === 0 && Math.floor(k / side) % step === 0;
  const values = whole(file, "mask").filter((_, k) => first(k));
  return Array.from({ length: K }, (_, view) =>
    Array.from({ length: B }, (_, image) => {
      const own = values.slice((view * B + image) * tokens, (view * B + image + 1) * tokens);
      const of = (wanted: number) => own.flatMap((value, token) => value === wanted ? [token] : []);
      return maskOf(of(0), of(1));
    }));
}

/** The second views' masks after views of rectangles, from given noise: values that differ. */
function laterMasks(file: SafetensorsFile, { B, mp = 1, nmask: count = 0 }: Facts, units: number): Quantity {
  const expected = whole(file, "mask"), noise = floats(file, "noise2"), counts = { units, count, cover: mp * units };
  const found = Array.from({ length: B }, (_, image) => {
    const [from, to] = [image * units, (image + 1) * units], own = expected.slice(from, to);
    const first = own.flatMap((value, token) => value === 1 ? [token] : []);
    return [...viewsAfter(first, [noise.subarray(from, to)], counts, { kind: "greedy" })[1].mask];
  }).flat();
  const differ = found.filter((value, k) => value !== expected[B * units + k]).length;
  return quantity("masks of second views, values that differ", differ, 0, `${found.length} values`);
}

/** Rows that are masked, of all rows. */
function maskedRows(values: Float32Array, isMasked: Float32Array): Float32Array {
  const width = values.length / isMasked.length, rows = [...isMasked.keys()].filter((row) => isMasked[row] === 1);
  return Float32Array.from(rows.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));
}

/** [R, 3, S, S] pixels as rows of patches by (channel, row, column). */
const asPatches = (images: Float32Array, config: VitConfig, rows: number) =>
  gatherPatches(images, config, allTokens(rows, tokenCount(config)));

/** [R, D, g, g] to rows of patches, [R*N, D]. */
function asRows(map: Float32Array, rows: number, dim: number): Float32Array {
  const tokens = map.length / rows / dim;
  return map.map((_, i) => {
    const row = Math.floor(i / (tokens * dim)), token = Math.floor(i / dim) % tokens;
    return map[(row * dim + i % dim) * tokens + token];
  });
}

function programOf(file: SafetensorsFile, facts: Facts, config: VitConfig, rows: number) {
  const { fam, B, vocab = 0 } = facts, images = floats(file, "x");
  switch (fam) {
    case "simmim": {
      const expected = asPatches(floats(file, "pred"), config, rows);
      return {
        program: (looked: boolean) => simMimProgram(config, rows, looked),
        target: asPatches(images, config, B),
        expected: (_: Float32Array) => expected,
        latent: asRows(floats(file, "latent"), rows, config.embedDim),
      };
    }
    case "beit": {
      const target = oneHot(whole(file, "labels"), vocab);
      return {
        program: (looked: boolean) =>
          beitProgram({ ...config, vocabulary: vocab, positions: "relative" }, rows, looked),
        target,
        expected: (_: Float32Array) => floats(file, "logits"),
        masked: true,
      };
    }
    case "maskfeat":
      return {
        program: (looked: boolean) => maskFeatProgram(config, rows, looked),
        target: floats(file, "target"),
        expected: (_: Float32Array) => floats(file, "pred"),
        masked: true,
      };
  }
}

const loaded = (file: SafetensorsFile, { parameters }: Program) => startWeights(file, new Arena(parameters));

/**
 * Checks forward pass, losses, gradients and three AdamW steps of a method whose encoder sees all patches.
 *
 * @param file a fixture of kind "simmim-…", "beit…" or "maskfeat…"
 */
export async function checkAllTokensStep(file: SafetensorsFile): Promise<Check> {
  const facts = JSON.parse(file.metadata.cfg) as Facts, { B, K } = facts, rows = B * K, config = configOf(facts);
  const { program, target, expected, masked, latent } = programOf(file, facts, config, rows) as
    & ReturnType<typeof programOf>
    & {
      masked?: boolean;
      latent?: Float32Array;
    };
  const feeds = allTokensFeeds(config, floats(file, "x"), target, viewsOf(file, facts, tokenCount(config)));
  const step = await trainingEngine().infer(program(true), loaded(file, program(true)));
  const outputs = await step.run(feeds), isMasked = feeds.isMasked as Float32Array;
  const found = masked ? maskedRows(outputs.predicted, isMasked) : outputs.predicted;
  const quantities = [
    quantity(
      "predictions",
      relativeNorm(found, expected(found)),
      TOLERANCE.forward,
      `${target.length / B} numbers an image, ${HOG_LENGTH} of HOG`,
    ),
    ...(latent ? [quantity("latents", relativeNorm(outputs.latent, latent), TOLERANCE.forward)] : []),
  ];
  step.dispose();
  const masks = file.tensors.has("noise2") ? [laterMasks(file, facts, tokenCount(config))] : [];
  return {
    kind: file.metadata.kind,
    quantities: [
      ...masks,
      ...quantities,
      ...await checkTraining(file, program(false), loaded(file, program(false)), feeds),
    ],
  };
}
