import { listFlag, type Parsed } from "../../cli/args.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import type { Plan, Request } from "../../experiments/plan.ts";
import { type ProbeKind, PROBES } from "../../experiments/probes.ts";
import { type Phase, phaseKey } from "../../records/phase.ts";
import { SEEDS } from "./flagTable.ts";
import { type Given, givenSettings } from "./given.ts";

/** Which settings, rows, seeds and probes of an experiment a command line asks for. */
export function requestOf(values: Parsed["values"], given: Given): Request {
  const text = values as Record<string, string | undefined>, { classes } = text;
  const set = [...(values.set ?? []) as string[]];
  if (classes !== undefined) set.push(`data.classes=${JSON.stringify(classes)}`);
  set.push(...givenSettings(given, values));
  return {
    profile: text.profile!,
    set,
    ...(text.rows !== undefined && { rows: listFlag("rows", text.rows, "a row") }),
    seeds: parseSeeds(text),
    probes: text.probes === undefined ? [] : parseProbes(text.probes),
  };
}

/** The phases that are run: all of the plan, or the one of `--phase`. */
export function wantedPhases({ phases }: Plan, key: string | undefined): Phase[] {
  if (key === undefined) return phases;
  const found = phases.filter((phase) => key.length >= 12 && phaseKey(phase).startsWith(key));
  if (found.length === 1) return found;
  throw new UserError(
    `Cannot run phase ${key}: want 12 digits or more of the key of one of the ${phases.length} phases`,
  );
}

function parseSeeds({ seed, seeds }: Record<string, string | undefined>): number[] {
  if (seed === undefined) {
    const length = wholeFlag("seeds", seeds ?? String(SEEDS), 1, 1000);
    return Array.from({ length }, (_, i) => i);
  }
  if (seeds !== undefined) throw new UserError("Cannot use --seed and --seeds together: want one of them");
  return [wholeFlag("seed", seed, 0, 999)];
}

function parseProbes(text: string): ProbeKind[] {
  return listFlag("probes", text, "a probe").map((word) => {
    const probe = PROBES.find((known) => known === word);
    if (probe) return probe;
    throw new UserError(`Cannot use --probes ${text}: '${word}' is none of ${PROBES.join(", ")}`);
  });
}
