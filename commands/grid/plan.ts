import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { sha256 } from "../../core/sha256.ts";
import { type Experiment, findExperiment } from "./experiments.ts";
import { splitList } from "./splitList.ts";

/** What a grid was asked to run. */
export const requestSchema = z.strictObject({
  experiment: z.string(),
  profile: z.string(),
  rows: z.array(z.string()),
  seeds: z.int().positive(),
  /** Keys with the texts of their values, in the order given. */
  sets: z.array(z.tuple([z.string(), z.array(z.string())])),
  /** Words that every cell's command line gets. */
  passed: z.array(z.string()),
});
export type GridRequest = z.infer<typeof requestSchema>;

/** One row, one seed, one setting. */
export interface Cell {
  /** Readable part, and 12 hex digits of the SHA-256 of all that decides what the cell computes. */
  name: string;
  row: string;
  seed: number;
  /** Values of the keys that `--set` names. */
  settings: Record<string, string>;
}

/** The cells of a grid: settings, then rows, then seeds. */
export interface Plan {
  request: GridRequest;
  cells: Cell[];
}

/** Cells that a grid may have; some hundred times what a study needs, and few enough to be planned in seconds. */
const MOST_CELLS = 5000;
/** Characters of the readable part that tell of the settings. */
const READABLE = 48;

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
 * Makes the cells of a grid; the experiment's own command checks each of them.
 *
 * @throws {UserError} when it would refuse one, or two cells are the same
 */
export function planGrid(request: GridRequest): Plan {
  const { experiment } = findExperiment(request.experiment), cells: Cell[] = [], known = new Map<string, string>();
  checkSets(request, experiment);
  checkCount(request);
  for (const place of places(request, experiment)) {
    const { settings: all, changed } = experiment.resolve(settingWords(request, place));
    const hash = sha256(canonicalJson({ experiment: request.experiment, ...all })), words = text(place.settings);
    if (known.has(hash)) {
      throw new UserError(`Cannot plan the grid: '${known.get(hash)}' and '${words}' are the same, want each once`);
    }
    known.set(hash, words);
    cells.push({ name: `${place.row}-seed${place.seed}${readable(changed)}-${hash.slice(0, 12)}`, ...place });
  }
  return { request, cells };
}

function checkSets({ sets, rows }: GridRequest, experiment: Experiment): void {
  for (const [i, [key]] of sets.entries()) {
    if (sets.findIndex(([other]) => other === key) < i) {
      throw new UserError(`Cannot use --set ${key} twice: want one list of values, ${key}=value,value,…`);
    }
    if (rows.every((row) => experiment.rows.includes(row) && experiment.ineffective(row).includes(key))) {
      throw new UserError(
        `Cannot use --set ${key}: it has no effect in ${rows.join(", ")}, want a row that it changes`,
      );
    }
  }
}

/** A list too many multiplies; what no machine could hold is refused before it is made. */
function checkCount({ sets, rows, seeds }: GridRequest): void {
  const count = sets.reduce((product, [, values]) => product * values.length, rows.length * seeds);
  if (count > MOST_CELLS) {
    throw new UserError(`Cannot plan the grid: it has up to ${count} cells, want at most ${MOST_CELLS}`);
  }
}

/** The cells without their names: settings, then rows, then seeds; a row has each setting that changes it once. */
function places({ sets, rows, seeds }: GridRequest, experiment: Experiment): Omit<Cell, "name">[] {
  const all = new Map<string, Omit<Cell, "name">>();
  for (const combination of combinations(sets)) {
    for (const row of rows) {
      const idle = experiment.rows.includes(row) ? experiment.ineffective(row) : [];
      const settings = Object.fromEntries(Object.entries(combination).filter(([key]) => !idle.includes(key)));
      for (let seed = 0; seed < seeds; seed++) {
        const place = { row, seed, settings }, key = JSON.stringify(place);
        if (!all.has(key)) all.set(key, place);
      }
    }
  }
  return [...all.values()];
}

/** Words that make a run of the experiment this cell: from where it stands, once no other process works on it. */
export function settingWords(request: GridRequest, { row, seed, settings }: Omit<Cell, "name">): string[] {
  const sets = Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const place = ["--rows", row, "--seed", String(seed), "--resume", "--wait"];
  return ["--profile", request.profile, ...request.passed, ...sets, ...place];
}

/** Where a grid keeps things. */
export interface GridFolders {
  /** Folder of the grid: plan, cells, logs. */
  run: string;
  /** Folder of the results. */
  out: string;
}

/** The folder of a cell: what its command gets as `--run`. */
export function cellFolder({ run }: GridFolders, { name }: Cell): string {
  return join(run, "cells", name);
}

/** The whole command line of a cell. */
export function cellWords(request: GridRequest, folders: GridFolders, cell: Cell): string[] {
  return [...settingWords(request, cell), "--out", folders.out, "--run", cellFolder(folders, cell)];
}

/** Settings as "key=value key=value". */
function text(settings: Record<string, string>): string {
  return Object.entries(settings).map((pair) => pair.join("=")).join(" ");
}

function readable(changed: [string, string][]): string {
  const words = changed.map((pair) => pair.join("=")).join("-").replace(/[[\]{}"\s]+/g, "");
  const safe = words.replace(/[^\w.=+-]+/g, "_").slice(0, READABLE).replace(/\W+$/, "");
  return safe === "" ? "" : `-${safe}`;
}

function combinations(sets: GridRequest["sets"]): Record<string, string>[] {
  return sets.reduce<Record<string, string>[]>(
    (all, [key, values]) => all.flatMap((each) => values.map((value) => ({ ...each, [key]: value }))),
    [{}],
  );
}
