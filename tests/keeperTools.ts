import { join } from "node:path";
import type { KeeperOptions } from "../training/checkpoint/phaseKeeper.ts";

/** How checkpoints are kept in tests: each of them, when `due` says so; what would be said is an error. */
export function keeperOptions(folder: string, due: (iteration: number) => boolean = () => false): KeeperOptions {
  return {
    folder,
    run: { test: "keeper" },
    metadata: {},
    mayDiffer: [],
    keep: 1000,
    due,
    say: (text) => {
      throw new Error(text);
    },
  };
}

/** A folder that holds one of the checkpoints of another. */
export async function folderOf(folder: string, iteration: number): Promise<string> {
  const name = `checkpoint-${String(iteration).padStart(8, "0")}`, own = join(folder, name);
  await Deno.mkdir(own);
  for (const file of [`${name}.json`, `${name}.safetensors`]) await Deno.copyFile(join(folder, file), join(own, file));
  return own;
}
