import { EagerEngine } from "../../../core/engine/eager.ts";
import type { Engine } from "../../../core/engine/engine.ts";

/** The engine that runs the convolutional nets of fixtures. */
export async function convNetEngine(): Promise<Engine> {
  return await EagerEngine.create("cpu");
}
