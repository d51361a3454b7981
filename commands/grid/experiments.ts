import { parseTask, type Task } from "../../cli/task.ts";
import { UserError } from "../../core/errors.ts";
import project from "../../deno.json" with { type: "json" };
import type { RunResult } from "../../records/schema.ts";
import { table17 } from "./table17.ts";

/** An experiment that a grid can run: what it computes from the words of its own command line. */
export interface Experiment {
  /** Name of its task in deno.json. */
  task: string;
  /** All rows, in the order of its table. */
  rows: readonly string[];
  /** Flags that a grid passes on to every cell as they are, by name; true for those without a value. */
  passed: Record<string, { value?: string; help: string }>;
  defaultProfile: string;
  /** Keys of the config that change nothing in a row: its cells leave them out, so that none is run twice. */
  ineffective(row: string): readonly string[];
  /**
   * Reads the words as the experiment's own command would.
   *
   * @throws {UserError} on whatever that command refuses
   */
  resolve(words: string[]): Resolved;
  /** The folder of a cell's run inside the folder that is its `--run`. */
  folder(root: string, row: string, seed: number): string;
  /** Where a run leaves its result in its folder; and that result, if it has ended. */
  resultPath(folder: string): string;
  finished(folder: string): Promise<RunResult | undefined>;
  /** How many threads a run was begun with: it goes on with no other number. */
  threads(run: Record<string, unknown>): number | undefined;
  /** Whether a result is what a run computes; a run is what its folder's `run.json` says. */
  isResultOf(run: Record<string, unknown>, result: RunResult): boolean;
}

/** What an experiment makes of a command line. */
export interface Resolved {
  /** Every setting that decides what is computed, as plain JSON. */
  settings: Record<string, unknown>;
  /** Those of the config that differ from the profile's: key and value as JSON, sorted. */
  changed: [key: string, value: string][];
}

const EXPERIMENTS: Record<string, Experiment> = { table17 };

/** The names that a grid's command line takes. */
export const experimentNames = Object.keys(EXPERIMENTS).map((name) => `experiments/${name}`);

/**
 * The experiment of that name, "experiments/table17" or "table17".
 *
 * @throws {UserError} when there is none
 */
export function findExperiment(text: string): { name: string; experiment: Experiment } {
  const name = text.replace(/^(\.\/)?experiments\//, "").replace(/\/$/, "");
  if (!Object.hasOwn(EXPERIMENTS, name)) {
    throw new UserError(`Cannot run a grid of '${text}': want one of ${experimentNames.join(", ")}`);
  }
  return { name, experiment: EXPERIMENTS[name] };
}

/** What `deno task` would run, read from the project's deno.json. */
export function taskOf({ task }: Experiment): Task {
  const tasks: Record<string, string> = project.tasks;
  return parseTask(tasks[task]);
}
