import { basename, join } from "node:path";
import { z } from "zod";
import { differences } from "../../core/checkpoint/difference.ts";
import { UserError } from "../../core/errors.ts";
import { type PhaseRecord, plainPhaseSchema } from "../../records/schema.ts";
import { recordedPhase } from "../checkpoint/phaseKeeper.ts";
import { finishedRecord } from "../phaseFolder.ts";

/** What phase.json and checkpoints say of a phase, as far as it is of use here. */
const identitySchema = z.object({ phase: plainPhaseSchema, data: z.string() });
export type KnownPhase = z.infer<typeof identitySchema>;

/**
 * The phase that left a file, and the SHA-256 of its data.
 *
 * @param run what the file says of them
 * @param name the file, for the error message
 * @throws {UserError} when they are broken
 */
export function knownPhase(run: unknown, name: string): KnownPhase {
  const parsed = identitySchema.safeParse(run);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new UserError(`Cannot use ${name}: its phase is broken at ${path.join(".") || "the top"}: ${message}`);
}

/** The folder of a phase. */
export interface PhaseFolder {
  path: string;
  phase: KnownPhase["phase"];
  /** Who asked for it first; nothing as long as it is not finished. */
  asked?: PhaseRecord["asked"];
}

/**
 * The folders of phases inside a folder, by name.
 *
 * @param counts whether a folder does
 * @throws {UserError} when what one says of its phase is broken
 */
export async function phaseFoldersIn(
  folder: string,
  counts: (path: string) => Promise<boolean>,
): Promise<PhaseFolder[]> {
  const found: PhaseFolder[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name), run = isDirectory ? await recordedPhase(path) : undefined;
    if (!run || !await counts(path)) continue;
    const asked = (await finishedRecord(path))?.asked;
    found.push({ path, phase: knownPhase(run, path).phase, ...(asked && { asked }) });
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

/**
 * Phases in a few words each: folder, who asked for it first, seed, and the settings that are not the same in all of its method;
 * e.g. "pretrain-localmim-0123456789ab (thesis.table17 ci, seed 0, freeze.t0 0.8)".
 */
export function phaseTexts(folders: readonly PhaseFolder[]): string[] {
  const methodOf = ({ phase: { config: { method } } }: PhaseFolder) => (method as { name?: string } | undefined)?.name;
  const keys = new Map(
    [...Map.groupBy(folders, methodOf)].map(([method, own]) => {
      const configs = own.map(({ phase }) => phase.config);
      return [method, configs.flatMap((a) => configs.flatMap((b) => differences(a, b).map(({ key }) => key)))];
    }),
  );
  return folders.map((folder) => {
    const { path, phase: { seed, config }, asked } = folder;
    const set = [...new Set(keys.get(methodOf(folder)))].sort().flatMap((key) => {
      const value = key.split(".").reduce<unknown>(
        (at, part) => (at as Record<string, unknown> | null)?.[part],
        config,
      );
      // What stands inside an object is told by keys of its own.
      return value === undefined || (value instanceof Object && !Array.isArray(value))
        ? []
        : [`${key} ${JSON.stringify(value)}`];
    });
    const facts = [asked ? `${asked.experiment} ${asked.profile}` : "unfinished", `seed ${seed}`, ...set];
    return `${basename(path)} (${facts.join(", ")})`;
  });
}
