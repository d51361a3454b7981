import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { readWhole } from "../cli/files.ts";
import type { EngineInfo } from "../core/engine/engine.ts";
import { sha256 } from "../core/sha256.ts";
import { type Phase, phaseKey, plainPhase } from "../records/phase.ts";
import type { PhaseRecord } from "../records/schema.ts";
import type { PhaseIdentity } from "./checkpoint/phaseKeeper.ts";
import { processor } from "./processor.ts";

const ROOT = new URL("../", import.meta.url);
/** Folders whose code decides what a phase computes; of `core/methods/` the folder of the phase's own method, not the list of all. */
const CODE = ["cli", "core", "datasets", "distributed", "records", "training"];
const METHODS = "core/methods", LIST = `${METHODS}/methods.ts`;

/** SHA-256 of what computes a phase: of the code that all share, of its method's folder, of the dependencies' lock. */
export interface CodeHashes {
  code: string;
  /** By the method's name: of its folder, and of those of methods that it builds on. */
  methods: Record<string, string>;
  lock: string;
}

/**
 * Hashes of all source files that a phase depends on, by path relative to the repository.
 *
 * @param root of the repository; this one unless given
 */
export async function codeHashes(root = ROOT): Promise<CodeHashes> {
  const methods: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(file(METHODS, root))) {
    if (isDirectory) methods[name] = await folderHash(await foldersOf(name, root), () => true, root);
  }
  const isMethod = (path: string) => Object.keys(methods).some((name) => path.startsWith(`${METHODS}/${name}/`));
  return {
    code: await folderHash(CODE, (path) => path !== LIST && !isMethod(path), root),
    methods,
    lock: sha256(await readWhole(file("deno.lock", root))),
  };
}

/** The hashes that count for a phase: those of its method where it pre-trains, none where it goes on from weights. */
export function hashesOf({ kind, config }: Phase, { code, methods, lock }: CodeHashes) {
  const method = kind === "pretrain" ? methods[(config.method as { name: string }).name] : undefined;
  return { code, ...(method !== undefined && { method }), lock };
}

/** What makes a phase the one that it is; a checkpoint belongs to phases that are the same in all of it. */
export function identityOf(phase: Phase, data: string, engine: EngineInfo, hashes: CodeHashes): PhaseIdentity {
  return { key: phaseKey(phase), phase: plainPhase(phase), data, engine, hashes: hashesOf(phase, hashes) };
}

/** The same of a phase that has left its record. */
export function recordIdentity({ key, phase, hashes: { data, ...hashes }, engine }: PhaseRecord): PhaseIdentity {
  return { key, phase, data, engine, hashes };
}

/** The folder of a method, and those of methods that it imports from. */
async function foldersOf(name: string, root: URL, found = new Set<string>()): Promise<string[]> {
  found.add(name);
  const paths: string[] = [];
  await collect(`${METHODS}/${name}`, paths, root);
  for (const path of paths) {
    const text = new TextDecoder().decode(await readWhole(file(path, root)));
    for (const [, other] of text.matchAll(/from "\.\.\/(\w+)\//g)) {
      if (!found.has(other)) await foldersOf(other, root, found);
    }
  }
  return [...found].map((method) => `${METHODS}/${method}`);
}

const file = (path: string, root: URL) => fileURLToPath(new URL(path, root));

async function folderHash(folders: readonly string[], counts: (path: string) => boolean, root: URL): Promise<string> {
  const paths: string[] = [], hash = createHash("sha256");
  for (const folder of folders) await collect(folder, paths, root);
  for (const path of paths.filter(counts).sort()) hash.update(`${path}\n`).update(await readWhole(file(path, root)));
  return hash.digest("hex");
}

async function collect(folder: string, paths: string[], root: URL): Promise<void> {
  for await (const entry of Deno.readDir(file(folder, root))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await collect(path, paths, root);
    else if (/\.(ts|ya?ml)$/.test(entry.name)) paths.push(path);
  }
}

/**
 * The machine a phase is computed on.
 *
 * @param processors that have computed it, where it went on on another one
 */
export function machineInfo(processors = [processor()]): PhaseRecord["machine"] {
  return {
    cpu: processors.join(", then "),
    cores: Math.max(1, cpus().length),
    os: Deno.build.os,
    arch: Deno.build.arch,
    runtime: `deno ${Deno.version.deno}`,
  };
}

/**
 * The commit of the checkout, and whether the files that compute are those of the commit; nothing where git is not there or
 * the files lie in no checkout.
 */
export async function gitInfo(): Promise<PhaseRecord["git"]> {
  const git = async (...args: string[]) => {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", fileURLToPath(ROOT), ...args],
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  };
  try {
    const commit = await git("rev-parse", "HEAD");
    if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return null;
    const changed = await git("status", "--porcelain", "--", ...CODE, "deno.json", "deno.lock");
    return { commit, clean: changed === "" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}
