import { z } from "zod";
import { listFlag } from "../../cli/args.ts";
import { UserError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { type ProbeKind, PROBES } from "../../experiments/probes.ts";
import { splitList } from "./splitList.ts";

/** What a grid was asked to run. */
export const requestSchema = z.strictObject({
  /** Id of the experiment. */
  experiment: z.string(),
  profile: z.string(),
  /** Names of runs; all unless given. */
  rows: z.array(z.string()).min(1).optional(),
  seeds: z.int().positive(),
  /** Keys with the texts of their values, in the order given. */
  sets: z.array(z.tuple([z.string(), z.array(z.string()).min(1)])),
  /** Probes that every run ends in, besides what it ends in by itself. */
  probes: z.array(z.enum(PROBES)),
  /** Words that every process's command line gets. */
  passed: z.array(z.string()),
});
export type GridRequest = z.infer<typeof requestSchema>;

/**
 * Takes a `--set` word apart.
 *
 * @throws {UserError} unless it is key=value,value,…
 */
export function parseSet(word: string): [key: string, values: string[]] {
  const at = word.indexOf("="), values = splitList(word.slice(at + 1));
  if (at < 1 || values.includes("")) {
    throw new UserError(`Cannot use --set ${word}: want key=value,value,…, e.g. freeze.t0=0.5,0.7`);
  }
  return [word.slice(0, at), values];
}

/**
 * Reads a list of probes.
 *
 * @throws {UserError} on an unknown one, or one that is named twice
 */
export function parseProbes(text: string): ProbeKind[] {
  const words = listFlag("probes", text, "a probe");
  for (const word of words) {
    if ((PROBES as readonly string[]).includes(word)) continue;
    throw new UserError(`Cannot use --probes ${text}: want ${PROBES.join(", ")} or both${nearest(word, PROBES)}`);
  }
  return words as ProbeKind[];
}
