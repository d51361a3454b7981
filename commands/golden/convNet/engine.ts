import { CompiledEngine } from "../../../core/engine/compiled.ts";
import type { Engine } from "../../../core/engine/engine.ts";

/** The engine that runs the convolutional nets of fixtures: the one that trains. */
export function convNetEngine(): Engine {
  return new CompiledEngine(1);
}
