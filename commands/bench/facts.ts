import { totalmem } from "node:os";
import sharp from "sharp";
import { ortApi } from "../../core/engine/ort/api.ts";
import { machineInfo } from "../../training/identity.ts";
import type { Bench } from "./model.ts";

/** The machine that measures; memory in bytes. */
export function machine(): Bench["machine"] {
  const { cpu, cores, os, arch } = machineInfo();
  return { cpu, cores, memory: totalmem(), os, arch, load: Deno.loadavg()[0] };
}

/** Versions of what is measured. */
export function versions(): Record<string, string> {
  return { deno: Deno.version.deno, v8: Deno.version.v8, onnxruntime: ortApi().version, sharp: sharp.versions.sharp };
}

/** The command line in words that say nothing of this machine's folders: paths, in lists too, are cut to their last part. */
export function commandText(args: readonly string[]): string {
  const short = (word: string) =>
    word.split(",").map((part) => part.replace(/^(--[a-z-]+=)?.*[/\\](?=[^/\\]+$)/, "$1"));
  return ["deno task bench", ...args.map((word) => short(word).join(","))].join(" ");
}
