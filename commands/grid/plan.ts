import { UserError } from "../../core/errors.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { findExperiment } from "../../experiments/mod.ts";
import { resolveSettings } from "../../experiments/settings.ts";
import { inOrder, type Phase, phaseKey } from "../../records/phase.ts";
import { checkSources } from "./sources.ts";
import { combinations, type Effective, Effects, text } from "./effects.ts";
import { checkPhases } from "../../training/checkPhases.ts";
import { phaseName } from "../../training/phaseFolder.ts";
import type { GridRequest } from "./request.ts";

/** A phase of a grid, and why it is in it. */
export interface Cell {
  /** The name of its folder: kind, method, 12 digits of its key. */
  name: string;
  phase: Phase;
  /** The phase's whole key. */
  key: string;
  /** The name of the cell that it starts from. */
  start?: string;
  /** Names of the runs that need it. */
  rows: string[];
  /** Texts of the values of each key of `--set` with which it is needed. */
  values: Record<string, string[]>;
  /** Settings, as `--set` words, of the first combination that needs it. */
  words: string[];
}

/** The cells of a grid, each before what starts from it: settings, then seeds, then rows. */
export interface Plan {
  request: GridRequest;
  cells: Cell[];
}

/** Runs that a grid may have; some hundred times what a study needs, and few enough to be planned in seconds. */
const MOST_RUNS = 5000;

/**
 * Makes the cells of a grid: combinations of settings, seeds and rows give runs, runs give phases, each key once.
 *
 * @throws {UserError} on whatever the experiment's own command would refuse, settings that are the same, a key without
 * effect, and more runs than can be planned
 */
export function planGrid(request: GridRequest): Plan {
  const experiment = findExperiment(request.experiment), cells = new Map<string, Cell>();
  checkSets(request, experiment);
  const effects = new Effects(experiment, request), all = combinations(request.sets).map((each) => effects.of(each));
  checkEffects(request, all);
  for (const { all: combination, words } of all) {
    for (const { row, phases } of effects.runs(words, request.seeds)) {
      for (const phase of inOrder(phases)) {
        const key = phaseKey(phase);
        if (!cells.has(key)) cells.set(key, newCell(phase, words));
        const { rows, values } = cells.get(key)!;
        if (!rows.includes(row)) rows.push(row);
        for (const [key, value] of combination) {
          if (!(values[key] ??= []).includes(value)) values[key].push(value);
        }
      }
    }
  }
  checkSources(request, [...cells.values()].map(({ phase }) => phase));
  checkPhases([...cells.values()].map(({ phase }) => phase));
  return { request, cells: [...cells.values()] };
}

function newCell(phase: Phase, words: string[]): Cell {
  const start = phase.from && { start: phaseName(phase.from.phase) };
  return { name: phaseName(phase), phase, key: phaseKey(phase), ...start, rows: [], values: {}, words };
}

/** A list too many multiplies; what no machine could hold is refused before it is made. */
function checkSets({ sets, rows, seeds, profile }: GridRequest, experiment: Experiment): void {
  for (const [i, [key]] of sets.entries()) {
    if (sets.findIndex(([other]) => other === key) === i) continue;
    throw new UserError(`Cannot use --set ${key} twice: want one list of values, ${key}=value,value,…`);
  }
  const all = rows?.length ??
    Object.keys(experiment.runs({ ...resolveSettings(experiment, profile, []), seed: 0 })).length;
  const count = sets.reduce((product, [, values]) => product * values.length, all * seeds);
  if (count > MOST_RUNS) {
    throw new UserError(`Cannot plan the grid: it has up to ${count} runs, want at most ${MOST_RUNS}`);
  }
  for (const [key, values] of sets) {
    const known = new Map<string, string>();
    for (const value of values) {
      const word = text([key, value]);
      const settings = JSON.stringify(resolveSettings(experiment, profile, [word], { unchecked: true }));
      const twin = known.get(settings);
      if (twin !== undefined) {
        throw new UserError(`Cannot plan the grid: '${twin}' and '${word}' are the same, want each once`);
      }
      known.set(settings, word);
    }
  }
}

/** A list may be without effect in single rows and beside single values of others, but not everywhere. */
function checkEffects({ sets, rows, experiment }: GridRequest, all: readonly Effective[]): void {
  for (const [key] of sets) {
    if (all.some(({ keys }) => keys.includes(key)) || all.every(({ usual }) => usual.includes(key))) continue;
    throw new UserError(
      `Cannot use --set ${key}: it has no effect in ${rows?.join(", ") ?? experiment}, want a key that changes a ` +
        "wanted phase",
    );
  }
}
