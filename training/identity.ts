import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { readWhole } from "../cli/files.ts";
import type { Arena } from "../core/engine/arena.ts";
import type { RunResult } from "../records/schema.ts";
import { sha256 } from "../core/sha256.ts";

const ROOT = new URL("../", import.meta.url);
/** Folders whose code decides what a run computes. */
const CODE = ["cli", "core", "datasets", "distributed", "records", "training"];

/** SHA-256 of a model's weights: names, and little-endian values in order of layout. */
export function weightsHash(arena: Arena): string {
  const hash = createHash("sha256");
  for (const name of arena.names()) hash.update(`${name}\n`).update(new Uint8Array(arena.view(name).slice().buffer));
  return hash.digest("hex");
}

/** SHA-256 of all source files that a run depends on, by path relative to the repository; and of the dependency lock. */
export async function codeHashes(): Promise<{ code: string; lock: string }> {
  const paths: string[] = [];
  for (const folder of CODE) await collect(folder, paths);
  const hash = createHash("sha256");
  for (const path of paths.sort()) hash.update(`${path}\n`).update(await readWhole(file(path)));
  return {
    code: hash.digest("hex"),
    lock: sha256(await readWhole(file("deno.lock"))),
  };
}

const file = (path: string) => fileURLToPath(new URL(path, ROOT));

async function collect(folder: string, paths: string[]): Promise<void> {
  for await (const entry of Deno.readDir(file(folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await collect(path, paths);
    else if (entry.name.endsWith(".ts")) paths.push(path);
  }
}

/** The machine a run is made on. */
export function machineInfo(): RunResult["machine"] {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() || "unknown",
    cores: Math.max(1, all.length),
    os: Deno.build.os,
    arch: Deno.build.arch,
    runtime: `deno ${Deno.version.deno}`,
  };
}
