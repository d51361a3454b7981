import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { EagerEngine } from "../core/engine/eager.ts";
import { type Feeds, type InputSpec, type Outputs, type Program, sizeOf } from "../core/engine/program.ts";
import { randomMask } from "../core/masking/randomMask.ts";
import { type LocalMimConfig, targetChannels } from "../core/methods/localmim/config.ts";
import { tokenCount } from "../core/models/config.ts";
import { gatherPatches } from "../core/models/patches.ts";
import { maskFeeds, targetFeed } from "../core/methods/localmim/feeds.ts";
import { randomStream } from "../core/random/stream.ts";

/** The two engines: two threads, so that the order of additions may differ from the reference's. */
export const compiled = new CompiledEngine(2);
export const eager = await EagerEngine.create("cpu");

/** Normal random numbers. */
export function normals(count: number, seed: number): Float32Array<ArrayBuffer> {
  const random = randomStream(seed, "test");
  return Float32Array.from({ length: count }, () => random.normal());
}

/** Normal random values for float inputs; int inputs count up. */
export function randomFeeds(inputs: Record<string, InputSpec>, seed = 1): Feeds {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }], i) => {
      const count = sizeOf(shape);
      return [name, dtype === "int32" ? Int32Array.from({ length: count }, (_, k) => k) : normals(count, seed + i)];
    }),
  );
}

/** An arena for a program's parameters with normal random values times `scale`. */
export function randomArena({ parameters }: Program, scale = 1, seed = 100): Arena {
  const arena = new Arena(parameters);
  parameters.forEach(({ name, shape }, i) => {
    arena.view(name).set(normals(sizeOf(shape), seed + i).map((value) => value * scale));
  });
  return arena;
}

/** Outputs and gradients of one run, copied. */
export interface Ran {
  outputs: Outputs;
  gradients: Record<string, Float32Array>;
}

/** Runs a program once: a training step when gradients are wanted, else inference. */
export async function runOnce(
  engine: Engine,
  program: Program,
  arena: Arena,
  feeds: Feeds,
  wanted: readonly string[] = [],
): Promise<Ran> {
  const step = wanted.length ? await engine.train(program, arena, wanted) : await engine.infer(program, arena);
  for (const name of wanted) arena.view(name, "gradient").fill(NaN);
  const outputs = await step.run(feeds);
  const copies = Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.slice()]));
  const gradients = Object.fromEntries(wanted.map((name) => [name, arena.view(name, "gradient").slice()]));
  step.dispose();
  return { outputs: copies, gradients };
}

/**
 * How steep a program's `loss` is along a random direction of one parameter: by its gradient, and by central differences.
 *
 * @param step to either side, over the direction
 */
export async function slopesOf(
  program: Program,
  arena: Arena,
  feeds: Feeds,
  { name, gradient, step }: { name: string; gradient: Float32Array; step: number },
): Promise<{ found: number; slope: number }> {
  const direction = normals(gradient.length, 8), own = arena.view(name).slice();
  const at = async (step: number) => {
    arena.view(name).set(own.map((value, k) => value + step * direction[k]));
    return (await runOnce(compiled, program, arena, feeds)).outputs.loss[0];
  };
  const slope = (await at(step) - await at(-step)) / (2 * step);
  arena.view(name).set(own);
  return { found: gradient.reduce((sum, value, k) => sum + value * direction[k], 0), slope };
}

/** A LocalMIM with all four heads: 4 x 4 tokens of 8 pixels, 4 blocks, a stage after each. */
export const TINY: LocalMimConfig = {
  imageSize: 32,
  patchSize: 8,
  embedDim: 16,
  depth: 4,
  numHeads: 2,
  mlpRatio: 4,
  maskRatio: 0.75,
  stageBlocks: [1, 2, 3, 4],
  stageScales: [4, 2, 1, 0.5],
  decoderDim: 16,
  decoderHeads: 4,
  hogBins: 3,
};

/** Random images, masks and targets of a LocalMIM step. */
export function localMimExample(config: LocalMimConfig, batch: number, seed = 5) {
  const { imageSize } = config, tokens = tokenCount(config), grid = imageSize / config.patchSize;
  const masks = Array.from({ length: batch }, (_, b) => {
    return randomMask(randomStream(seed, "test", b), tokens, config.maskRatio);
  });
  const images = normals(batch * 3 * imageSize ** 2, seed);
  const targets = config.stageScales.map((scale, k) =>
    normals(batch * (grid * scale) ** 2 * targetChannels(config), seed + 1 + k)
  );
  const feeds: Feeds = {
    ...maskFeeds(config, masks),
    patches: gatherPatches(images, config, masks.map(({ idsKeep }) => idsKeep)),
    ...Object.fromEntries(targets.map((target, k) => [`target${k}`, targetFeed(config, k, target, masks)])),
  };
  return { masks, images, targets, feeds };
}
