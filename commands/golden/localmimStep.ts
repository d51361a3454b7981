import { trainingEngine } from "./engine.ts";
import { Arena } from "../../core/engine/arena.ts";
import { EagerEngine } from "../../core/engine/eager.ts";
import type { Engine } from "../../core/engine/engine.ts";
import type { Outputs } from "../../core/engine/program.ts";
import { maskFromNoise } from "../../core/masking/randomMask.ts";
import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import { tokenCount } from "../../core/models/config.ts";
import { gatherPatches } from "../../core/models/patches.ts";
import { maskFeeds, targetFeed, unfoldPrediction } from "../../core/methods/localmim/feeds.ts";
import { localMimProgram } from "../../core/methods/localmim/program.ts";
import { localMimParameters } from "../../core/methods/localmim/parameters.ts";
import { decaysInPretraining } from "../../core/optim/groups.ts";
import { AdamW } from "../../core/optim/adamwOptimizer.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, type Quantity, quantity, relativeNorm } from "./check.ts";

/**
 * Allowed errors, for fixtures of any size: float32 arithmetic done in another order. On the small fixture the errors are a
 * hundredth of them. The weights' is larger since AdamW divides by sqrt(v), which scales noise up.
 */
const TOLERANCE = { norm: 2e-4, loss: 1e-4, weights: 1e-3 };
/** The optimiser of fixtures of this kind. */
const OPTIMIZER = { lr: 1e-3, weightDecay: 0.05, betas: [0.9, 0.95] as [number, number], eps: 1e-8, steps: 3 };

const floats = (file: SafetensorsFile, key: string) => getTensor(file, key, Float32Array);
/** Largest index that a family of keys reaches, e.g. of "sd0/blocks.11.…". */
const count = (file: SafetensorsFile, pattern: RegExp) =>
  1 + Math.max(...[...file.tensors.keys()].map((key) => Number(pattern.exec(key)?.[1] ?? -1)));

/** The model of a fixture, from the shapes of its weights; the heads are not among them. */
function configOf(file: SafetensorsFile, numHeads: number, decoderHeads: number): LocalMimConfig {
  const [embedDim, , patchSize] = floats(file, "sd0/patch_embed.proj.weight").shape;
  const imageSize = floats(file, "x").shape[2], depth = count(file, /^sd0\/blocks\.(\d+)\./);
  const tokens = (imageSize / patchSize) ** 2, visible = floats(file, "latent0").shape[1] - 1;
  const cells = [0, 1, 2, 3].map((stage) => floats(file, `pred${stage}`).shape[1]);
  return {
    imageSize,
    patchSize,
    embedDim,
    depth,
    numHeads,
    mlpRatio: floats(file, "sd0/blocks.0.mlp.fc1.weight").shape[0] / embedDim,
    // Half a token more, so that rounding down gives the count back.
    maskRatio: 1 - (visible + 0.5) / tokens,
    stageBlocks: [2, 4, depth - 2, depth],
    stageScales: cells.map((n) => Math.sqrt(n / tokens)),
    decoderDim: floats(file, "sd0/decoder.0.embed.weight").shape[0],
    decoderHeads,
    hogBins: floats(file, "pred0").shape[2] / 3,
  };
}

/** Loads the fixture's weights into a new arena. */
function loadArena(file: SafetensorsFile, config: LocalMimConfig): Arena {
  const parameters = localMimParameters(config), arena = new Arena(parameters);
  for (const { name } of parameters) arena.view(name).set(floats(file, `sd0/${name}`).data);
  return arena;
}

function feedsOf(file: SafetensorsFile, config: LocalMimConfig) {
  const noise = floats(file, "noise").data, tokens = tokenCount(config), batch = noise.length / tokens;
  const masks = Array.from({ length: batch }, (_, b) => {
    return maskFromNoise(noise.slice(b * tokens, (b + 1) * tokens), config.maskRatio);
  });
  const common = {
    ...maskFeeds(config, masks),
    patches: gatherPatches(floats(file, "x").data, config, masks.map(({ idsKeep }) => idsKeep)),
  };
  const targets = Object.fromEntries(
    config.stageScales.map((_, k) => [`target${k}`, targetFeed(config, k, floats(file, `target${k}`).data, masks)]),
  );
  return { batch, feeds: { ...common, ...targets } };
}

async function predictAll(engine: Engine, file: SafetensorsFile, config: LocalMimConfig): Promise<Outputs> {
  const { batch, feeds } = feedsOf(file, config), liveStages = config.stageBlocks.map(() => true);
  const program = localMimProgram({ config, batch, liveStages, heads: "all" });
  const step = await engine.infer(program, loadArena(file, config));
  const outputs = await step.run(feeds);
  const copies = Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.slice()]));
  step.dispose();
  return copies;
}

/** The numbers of heads under which the fixture's outputs come out: of all divisors of the widths, the best fit. */
async function findHeads(engine: Engine, file: SafetensorsFile): Promise<[number, number]> {
  const error = async (encoder: number, decoder: number, key: "latent0" | "pred0") => {
    const config = configOf(file, encoder, decoder), output = (await predictAll(engine, file, config))[key];
    return relativeNorm(key === "pred0" ? unfoldPrediction(config, 0, output) : output, floats(file, key).data);
  };
  const best = async (width: number, measure: (heads: number) => Promise<number>) => {
    let heads = 1, least = Infinity;
    for (let candidate = 1; candidate <= width; candidate++) {
      const found = width % candidate ? Infinity : await measure(candidate);
      if (found < least) [heads, least] = [candidate, found];
    }
    return heads;
  };
  const { embedDim, decoderDim } = configOf(file, 1, 1);
  const encoder = await best(embedDim, (heads) => error(heads, 1, "latent0"));
  return [encoder, await best(decoderDim, (heads) => error(encoder, heads, "pred0"))];
}

async function checkEngine(engine: Engine, file: SafetensorsFile, config: LocalMimConfig): Promise<Quantity[]> {
  const { batch, feeds } = feedsOf(file, config), stages = config.stageBlocks.map((_, stage) => stage);
  const named = (what: string) => `${engine.info.name} ${engine.info.backend}: ${what}`;
  const outputs = await predictAll(engine, file, config);
  const latents = stages.map((k) => relativeNorm(outputs[`latent${k}`], floats(file, `latent${k}`).data));
  const predictions = stages.map((k) =>
    relativeNorm(unfoldPrediction(config, k, outputs[`pred${k}`]), floats(file, `pred${k}`).data)
  );

  const program = localMimProgram({ config, batch, liveStages: stages.map(() => true), heads: "masked" });
  const arena = loadArena(file, config), names = arena.names();
  const step = await engine.train(program, arena, names);
  const adamw = await AdamW.create(arena, OPTIMIZER), losses: number[] = [], gradients: [number, string][] = [];
  for (let i = 0; i < OPTIMIZER.steps; i++) {
    const { loss } = await step.run(feeds);
    losses.push(Math.abs(loss[0] / floats(file, `loss_step${i}`).data[0] - 1));
    if (i === 0) {
      gradients.push(...names.map((name): [number, string] => [
        relativeNorm(arena.view(name, "gradient"), floats(file, `grad0/${name}`).data),
        name,
      ]));
    }
    const updates = program.parameters.map((spec) => ({
      name: spec.name,
      lr: OPTIMIZER.lr,
      weightDecay: decaysInPretraining(spec) ? OPTIMIZER.weightDecay : 0,
    }));
    adamw.update(updates, i + 1);
  }
  step.dispose();
  // Softmax ignores a shift of all scores, so the gradient of a key bias is rounding noise and AdamW scales noise up.
  const weights = names.map((name): [number, string] => {
    const expected = floats(file, `sd3/${name}`).data, third = expected.length / 3;
    const isKeyBias = (i: number) => name.endsWith("attn.qkv.bias") && i >= third && i < 2 * third;
    return [relativeNorm(arena.view(name), expected, isKeyBias), name];
  });
  const worst = (list: [number, string][]) => list.reduce((a, b) => b[0] > a[0] || Number.isNaN(b[0]) ? b : a);
  const keyBiases = names.filter((name) => name.endsWith("attn.qkv.bias")).length;
  return [
    quantity(named("latents"), Math.max(...latents), TOLERANCE.norm),
    quantity(named("predictions"), Math.max(...predictions), TOLERANCE.norm),
    quantity(named("losses of 3 steps"), Math.max(...losses), TOLERANCE.loss),
    quantity(
      named("gradients"),
      worst(gradients)[0],
      TOLERANCE.norm,
      `${names.length} tensors, worst ${worst(gradients)[1]}`,
    ),
    quantity(
      named("weights after 3 AdamW steps"),
      worst(weights)[0],
      TOLERANCE.weights,
      `worst ${worst(weights)[1]}; left out: the key third of ${keyBiases} attn.qkv.bias, whose gradient is noise`,
    ),
  ];
}

/**
 * Checks forward, loss, gradients and three AdamW steps of LocalMIM against the official code, on both engines.
 *
 * @param file a fixture of kind "localmim-step"
 */
export async function checkLocalmimStep(file: SafetensorsFile): Promise<Check> {
  const compiled = trainingEngine(), eager = await EagerEngine.create("cpu");
  const [numHeads, decoderHeads] = await findHeads(compiled, file);
  const config = configOf(file, numHeads, decoderHeads);
  const quantities = [...await checkEngine(compiled, file, config), ...await checkEngine(eager, file, config)];
  quantities[0].note = `heads are not in the file; ${numHeads} and ${decoderHeads} fit best`;
  return { kind: "localmim-step", quantities };
}
