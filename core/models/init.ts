import { randomStream } from "../random/stream.ts";
import { sizeOf } from "../engine/program.ts";
import type { Arena } from "../engine/arena.ts";
import type { Init, ModelParameter } from "./parameters.ts";
import { sincosPosEmbed2d } from "./posEmbed.ts";

/**
 * Fills one tensor by its rule.
 *
 * @param init the rule
 * @param count number of values
 * @param seed the run's seed
 * @param index position of the tensor in its model; every tensor has a random stream of its own
 */
export function initialValues(init: Init, count: number, seed: number, index: number): Float32Array {
  const random = randomStream(seed, "init", index);
  const values = new Float32Array(count);
  switch (init.kind) {
    case "constant":
      return values.fill(init.value);
    case "sincos":
      return sincosPosEmbed2d(init.dim, init.grid, init.classTokens);
    case "normal":
      return values.map(() => init.std * random.normal());
    case "truncatedNormal":
      return values.map(() => init.std * truncatedNormal(random.normal, init.within));
    case "uniform":
      return values.map(() => init.bound * (2 * random.uniform() - 1));
    case "xavierUniform": {
      const bound = Math.sqrt(6 / (init.fanIn + init.fanOut));
      return values.map(() => bound * (2 * random.uniform() - 1));
    }
  }
}

/** A standard normal number within so many deviations; timm cuts at +-2, which only matters when std is near 1. */
function truncatedNormal(normal: () => number, within = 2): number {
  for (;;) {
    const value = normal();
    if (Math.abs(value) <= within) return value;
  }
}

/** Fills an arena with a model's initial weights. */
export function initialize(arena: Arena, parameters: readonly ModelParameter[], seed: number): void {
  parameters.forEach(({ name, shape, init }, index) => {
    arena.view(name).set(initialValues(init, sizeOf(shape), seed, index));
  });
}
