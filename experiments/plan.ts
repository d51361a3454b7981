import { differences } from "../core/checkpoint/difference.ts";
import { UserError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { inOrder, type Phase, phaseKey } from "../records/phase.ts";
import type { Control, Experiment, Run, Settings } from "./experiment.ts";
import { type ProbeKind, withProbes } from "./probes.ts";
import { resolveSettings } from "./settings.ts";

/** What is wanted of an experiment. */
export interface Request {
  profile: string;
  /** `--set` words, key=value. */
  set: readonly string[];
  /** Names of runs, controls among them; all of the print unless given. */
  rows?: readonly string[];
  seeds: readonly number[];
  /** Probes that every run ends in, besides what it ends in by itself. */
  probes: readonly ProbeKind[];
}

/** A run with one seed. */
export interface SeedRun extends Run {
  row: string;
  seed: number;
  /** The run of the print beside which it stands, where it is a control. */
  like?: string;
}

/** What a request comes to. */
export interface Plan {
  settings: Omit<Settings, "seed">;
  /** Settings that differ from the profile's, as key=value, sorted: the scale within the profile. */
  set: string[];
  /** Seeds, then rows. */
  runs: SeedRun[];
  /** The phases of all runs, each once, before what rests on it. */
  phases: Phase[];
}

/**
 * The runs and phases of a request.
 *
 * @throws {UserError} on an unknown row, profile or key, a value out of range, and a key that changes no wanted phase
 */
export function planOf(experiment: Experiment, request: Request): Plan {
  const { profile, set, rows, seeds, probes } = request, settings = resolveSettings(experiment, profile, set);
  const runs = runsOf(experiment, settings, { rows, seeds, probes }), phases = phasesOf(runs);
  set.forEach((word, k) => {
    const others = resolveSettings(experiment, profile, set.toSpliced(k, 1), { unchecked: true });
    if (JSON.stringify(others) === JSON.stringify(settings)) return; // it says what the profile says
    if (hasEffect(settings, others, (each) => runsKey(experiment, each, request))) return;
    const where = rows ? `in ${rows.join(", ")}` : `in ${experiment.id}`;
    throw new UserError(
      `Cannot use --set ${word}: it has no effect ${where}, want a key that changes a wanted phase`,
    );
  });
  const profiled = experiment.recipe.profiles[profile];
  return { settings, set: differences(profiled, settings).map(({ key, now }) => `${key}=${now}`), runs, phases };
}

/**
 * The last phases of every run of settings, by key, for one seed: the same where a difference of settings changes none.
 *
 * @throws {UserError} when the settings make no runs
 */
export function runsKey(
  experiment: Experiment,
  settings: Omit<Settings, "seed">,
  { rows, probes }: Pick<Request, "rows" | "probes">,
): string {
  const runs = runsOf(experiment, settings, { rows, seeds: [0], probes });
  return runs.map(({ row, phases }) => [row, ...phases.map(phaseKey)].join(" ")).join("\n");
}

/**
 * Whether settings make other runs than others do; so they do where the others alone make none.
 *
 * @param keyOf `runsKey` of settings
 */
export function hasEffect<S>(settings: S, others: S, keyOf: (settings: S) => string): boolean {
  const own = keyOf(settings);
  try {
    return own !== keyOf(others);
  } catch (error) {
    if (error instanceof UserError) return true;
    throw error;
  }
}

/** The names of the sources whose images somebody has to bring for these phases. */
export function sourcesOf(phases: readonly Phase[]): Set<string> {
  return new Set(phases.map(({ data }) => data.source).filter((source) => source !== "procedural"));
}

/** The phases of runs and all that they rest on, each once, before what rests on it. */
export function phasesOf(runs: readonly Run[]): Phase[] {
  return inOrder(runs.flatMap(({ phases }) => phases));
}

/**
 * The runs of settings: seeds, then rows. Controls are among them where `rows` names them.
 *
 * @throws {UserError} on an unknown row
 */
export function runsOf(
  experiment: Experiment,
  settings: Omit<Settings, "seed">,
  { rows, seeds, probes }: Pick<Request, "rows" | "seeds" | "probes">,
): SeedRun[] {
  return seeds.flatMap((seed) => {
    const own = { ...settings, seed }, printed = experiment.runs(own);
    const all: Record<string, Run | Control> = { ...printed, ...experiment.controls?.(own) }, names = Object.keys(all);
    for (const row of rows ?? []) {
      if (Object.hasOwn(all, row)) continue;
      throw new UserError(`Cannot run row '${row}': want one of ${listed(names)}${nearest(row, names)}`);
    }
    return (rows ?? Object.keys(printed)).map((row) => ({ ...withProbes(all[row], own, probes), row, seed }));
  });
}

/** The names of all runs of settings: those of the print, then the controls. */
export function allRows(experiment: Experiment, settings: Omit<Settings, "seed">): string[] {
  const own = { ...settings, seed: 0 };
  return [...Object.keys(experiment.runs(own)), ...Object.keys(experiment.controls?.(own) ?? {})];
}

/** Names with commas; of many the first ones, and how many there are. */
function listed(names: readonly string[]): string {
  const most = 24;
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")}, … (${names.length} rows)`;
}
