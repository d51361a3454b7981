import { createHash } from "node:crypto";
import type { Arena } from "../core/engine/arena.ts";

/** SHA-256 of a model's weights: names, and little-endian values in order of layout. */
export function weightsHash(arena: Arena): string {
  const hash = createHash("sha256");
  for (const name of arena.names()) hash.update(`${name}\n`).update(new Uint8Array(arena.view(name).slice().buffer));
  return hash.digest("hex");
}
