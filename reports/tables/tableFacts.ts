import { canonicalJson } from "../../records/canonical.ts";
import { counted } from "../format.ts";
import { environmentsOf, isOf } from "../scales/environment.ts";
import { recordFacts } from "../scales/facts.ts";
import type { UsedRecord } from "../scales/linked.ts";
import { LOST, settingsName } from "../scales/scale.ts";
import { timesFact } from "../scales/timesFact.ts";
import type { MeasuredTable } from "./measured.ts";
import { partlyPaired } from "./unpaired.ts";

/** What a table's cells at a scale rest on, in words: what was run, what is pooled, what is no pair, what is lost. */
export function tableFacts(measured: MeasuredTable): string[] {
  const { table, fill, scale, lost } = measured;
  const columns = table.columns.flatMap(({ key, label }) => {
    const why = fill.unfilled?.[key];
    return why === undefined ? [] : [`Not run: ${label}: ${why}`];
  });
  const label = (row: string) => table.rows.find(({ key }) => key === row)?.label ?? row;
  const gone = lost.map(({ row, seed, id, lost }) =>
    `${LOST[lost]}: the record of ${label(row)}, seed ${seed} (${id.slice(0, 8)})`
  );
  return [
    ...(scale.set.length === 0 ? [] : [`Settings: ${settingsName(scale)}`]),
    ...recordFacts(allRecords(measured)),
    ...poolingFacts(measured),
    ...partlyPaired(measured),
    ...partFacts(measured),
    ...columns,
    ...new Set(gone),
  ];
}

/** How much of a pre-training printed rows have that take over from the middle of it: whole epochs come only near the print's share. */
function partFacts({ table, fill, scale, experiment }: MeasuredTable): string[] {
  const runs = scale.runs.get(experiment.id) ?? [];
  const parts = table.rows.flatMap(({ key, label }) => {
    const names = new Set(table.columns.map((column) => fill.cell(key, column.key)?.run));
    const taken = runs.find(({ row }) => names.has(row))?.phases.find(({ epochs }) => epochs !== undefined);
    const whole = taken && scale.records.get(taken.key)?.[0]?.record.epochs.length;
    return taken && whole ? [`${label}: ${taken.epochs} of ${whole} epochs`] : [];
  });
  return parts.length === 0 ? [] : [`From the middle of a pre-training: ${parts.join(", ")}`];
}

/** The records of the cells, and those that they start from, each once. */
function allRecords({ values, scale }: MeasuredTable): UsedRecord[] {
  const byId = new Map([...scale.records.values()].flat().map((one) => [one.id, one]));
  const found = new Map<string, UsedRecord>();
  const visit = (one: UsedRecord | undefined) => {
    if (one === undefined || found.has(one.id)) return;
    found.set(one.id, one);
    if (one.record.startedFrom !== null) visit(byId.get(one.record.startedFrom));
  };
  values.flatMap(({ records }) => records).forEach(visit);
  return [...found.values()];
}

/** Over how many machines and commits accuracies are pooled, and where the times come from, where there is a choice. */
function poolingFacts({ values, times, columns, measurement }: MeasuredTable): string[] {
  const pooled = values.filter(({ timed }) => !timed), timed = values.filter(({ timed }) => timed);
  const records = pooled.flatMap(({ records }) => records.map(({ record }) => record));
  const machines = new Set(records.map(({ machine }) => canonicalJson(machine))).size;
  const commits = new Set(records.flatMap(({ git }) => git ? [git.commit] : [])).size;
  const n = new Set(pooled.map(({ seed }) => seed)).size;
  const facts: string[] = [];
  if (environmentsOf(pooled.map(({ environment }) => environment)).length > 1) {
    const parts = [counted(machines, "machine"), ...(commits > 0 ? [counted(commits, "commit")] : [])];
    const pairs = columns.some(({ as }) => as === "drop") ? "; a drop is of two runs of one environment" : "";
    facts.push(`Pooled: n = ${n} on ${parts.join(", ")}${pairs}`);
  }
  if (measurement) return [...facts, timesFact(measurement)];
  const count = environmentsOf(timed.map(({ environment }) => environment)).length;
  if (count > 1) {
    const seeds = timed.filter(({ environment }) => isOf(environment, times!)).map(({ seed }) => seed);
    const { machine, engine, git } = timed.find(({ environment }) => isOf(environment, times!))!.records[0].record;
    facts.push(
      `Times: n = ${new Set(seeds).size}, of one of ${count} environments: ${machine.cpu}, cores: ${machine.cores}, ` +
        `threads: ${engine.threads}${git ? `, commit ${git.commit.slice(0, 8)}` : ""}`,
    );
  }
  return facts;
}
