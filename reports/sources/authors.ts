import { fileURLToPath } from "node:url";
import { UserError } from "../../core/errors.ts";
import type { AuthorsCell } from "../vocabulary.ts";
import { type AuthorsRun, authorsRunSchema, type AuthorsTables, authorsTablesSchema } from "./authorsSchema.ts";
import { type Statistic, STATISTICS } from "./authorsStatistics.ts";
import { yamlFile } from "./yamlFile.ts";

export type { AuthorsRun } from "./authorsSchema.ts";

/** A cell of a published table as the released logs have it. */
export interface LoggedCell extends AuthorsCell {
  /** E.g. "thesis.table17". */
  table: string;
}

const folder = "authors/runs";

/**
 * Reads the released runs of reports/authors/runs, sorted by name.
 *
 * @throws {UserError} when a file does not fit the schema
 */
export async function loadAuthorsRuns(): Promise<AuthorsRun[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(fileURLToPath(new URL(`../${folder}`, import.meta.url)))) {
    if (name.endsWith(".yaml")) names.push(name);
  }
  return await Promise.all(names.sort().map((name) => readRun(`${folder}/${name}`)));
}

async function readRun(file: string): Promise<AuthorsRun> {
  const { columns, epochs, ...facts } = await yamlFile(file, authorsRunSchema);
  const values = (name: typeof columns[number]) => {
    const column = columns.indexOf(name);
    return column < 0 ? [] : epochs.map((epoch) => epoch[column]);
  };
  const top1 = values("top1"), top5 = values("top5");
  return {
    ...facts,
    lr: values("lr"),
    loss: values("loss"),
    seconds: values("seconds"),
    wallSeconds: values("wallSeconds"),
    ...(top1.length ? { top1, top5 } : {}),
  };
}

/**
 * The cells of the published tables that the released logs tell, each computed from its run.
 *
 * @param runs as `loadAuthorsRuns` reads them, where they are at hand already
 * @throws {UserError} when reports/authors/tables.yaml names a run or a model that is not there
 */
export async function loadAuthorsCells(runs?: AuthorsRun[]): Promise<LoggedCell[]> {
  const tables = await yamlFile("authors/tables.yaml", authorsTablesSchema);
  return loggedCells(tables, runs ?? await loadAuthorsRuns());
}

/** The cells that `tables` names, computed from `runs`; throws as `loadAuthorsCells` does. */
export function loggedCells({ models, tables }: AuthorsTables, runs: AuthorsRun[]): LoggedCell[] {
  const byName = Object.fromEntries(runs.map((run) => [run.run, run]));
  return tables.flatMap(({ id, columns, rows, notes = {} }) =>
    Object.entries(rows).flatMap(([row, name]) => {
      const model = named(models, name, `model '${name}' of ${id}`);
      return Object.entries(columns).map(([column, statistic]): LoggedCell => {
        const { of, what, value } = STATISTICS[statistic];
        const run = named(byName, model[of], `run '${model[of]}' of model ${name}`);
        const epochs = usedEpochs(run, of, model.epochs);
        const note = [notes[row]?.[of], model.notes[of]].filter(Boolean).join("; ");
        return { table: id, row, column, value: value(run, epochs), run: run.run, what: what(epochs), note };
      });
    })
  );
}

function named<T>(all: Record<string, T>, name: string, what: string): T {
  if (Object.hasOwn(all, name)) return all[name];
  throw new UserError(`Cannot read ${what}: it is unknown, want one of ${Object.keys(all).join(", ")}`);
}

/** How many of a run's epochs count; refuses a run that cannot tell what it is asked. */
function usedEpochs({ run, kind, loss }: AuthorsRun, of: Statistic["of"], wanted = loss.length): number {
  const fits = of === "tuned" ? "finetune" : "pretrain";
  if (kind !== fits) throw new UserError(`Cannot use run '${run}' as ${of}: its kind is ${kind}, want ${fits}`);
  if (of === "tuned") return loss.length;
  if (wanted > loss.length) {
    throw new UserError(`Cannot read ${wanted} epochs of run '${run}': it has ${loss.length}, want no more`);
  }
  return wanted;
}
