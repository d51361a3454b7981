import { EXPERIMENTS } from "../experiments/mod.ts";
import { phasesOf, runsOf } from "../experiments/plan.ts";
import { PROBES } from "../experiments/probes.ts";
import { resolveSettings } from "../experiments/settings.ts";
import { whyUnfilled } from "../experiments/unfilled.ts";
import { methodOf } from "../core/methods/mod.ts";
import type { PhaseKind } from "../records/phase.ts";
import { baselineOf, filledTable } from "../reports/tables/fills.ts";
import { loadPublishedTable } from "../reports/sources/published.ts";
import type { PublishedTable } from "../reports/sources/publishedSchema.ts";
import { shownColumns } from "../reports/tables/shown.ts";
import {
  finetuneConfigSchema,
  knnConfigSchema,
  linearConfigSchema,
  pretrainConfigSchema,
  trainConfigSchema,
} from "../training/config.ts";
import { assertEqual, assertTrue } from "./assert.ts";

const SCHEMAS: Record<PhaseKind, { safeParse(value: unknown): { success: boolean; error?: unknown } }> = {
  pretrain: pretrainConfigSchema,
  finetune: finetuneConfigSchema,
  linear: linearConfigSchema,
  knn: knnConfigSchema,
  train: trainConfigSchema,
};

for (const experiment of EXPERIMENTS) {
  for (const profile of Object.keys(experiment.recipe.profiles)) {
    Deno.test(`${experiment.id} at profile ${profile}: every cell has a run, every phase a config of its kind`, async () => {
      const settings = resolveSettings(experiment, profile, []);
      const runs = runsOf(experiment, settings, {
        seeds: [0],
        probes: PROBES.filter((probe) => probe in settings),
      });
      for (const { kind, config } of phasesOf(runs)) {
        const parsed = SCHEMAS[kind].safeParse(config);
        assertTrue(parsed.success, `${kind}: ${parsed.error}`);
        if (kind === "pretrain") methodOf(config.method as { name: string });
      }
      const wanted = new Set<string>();
      for (const fill of experiment.fills) {
        const table = await loadPublishedTable(fill.table);
        for (const row of table.rows) {
          for (const column of table.columns) {
            const source = row.key in (fill.unfilled ?? {}) ? undefined : fill.cell(row.key, column.key);
            if (source) wanted.add(source.run);
            const run = runs.find(({ row }) => row === source?.run);
            assertTrue(!source || run !== undefined, `${fill.table} ${row.key} ${column.key}: no run ${source?.run}`);
            const kinds = run ? phasesOf([run]).map(({ kind }) => kind) : [];
            assertTrue(!source || kinds.includes(source.reading.of), `${source?.run}: no ${source?.reading.of}`);
          }
        }
      }
      assertEqual([...new Set(runs.map(({ row }) => row))].filter((row) => !wanted.has(row)), []);
    });
  }
}

/** Printed columns that say how a row was made, or follow from other columns. */
const isSetting = ({ key, better, unit }: PublishedTable["columns"][number]) =>
  better === "none" && key !== "best_epoch" || /epochs\b/.test(unit) || unit === "percentage points";

Deno.test("every printed cell that is no setting has a run or a reason, and no reason is for a cell that has one", async () => {
  const unexplained: string[] = [], contradicted: string[] = [], seen: string[] = [];
  for (const { fills } of EXPERIMENTS) {
    for (const { table: id, cell, unfilled = {} } of fills) {
      seen.push(id);
      const table = await loadPublishedTable(id);
      for (const row of table.rows) {
        for (const column of table.columns.filter((column) => !isSetting(column))) {
          const found = row.key in unfilled ? undefined : cell(row.key, column.key),
            why = unfilled[row.key] ?? unfilled[column.key];
          const printed = (row.values[column.key] ?? null) !== null;
          if (!found && why === undefined && printed) unexplained.push(`${id} ${row.key} ${column.key}`);
          if (found && column.key in unfilled) contradicted.push(`${id} ${row.key} ${column.key}`);
        }
      }
      const keys = [...table.rows, ...table.columns].map(({ key }) => key);
      contradicted.push(...Object.keys(unfilled).filter((key) => !keys.includes(key)));
    }
  }
  // An epoch of training from scratch, which is no pre-training: its time is not set beside LocalMIM's. MAE at LocalMIM's rates.
  const known = ["scratch_vitb gpu_hours", "mae_vitb_800 acc"].map((cell) => `vitfreeze.table2 ${cell}`);
  assertEqual([unexplained, contradicted], [known, []]);
  assertEqual(new Set(seen).size, seen.length, "two experiments fill one table");
});

Deno.test("baselines are rows, and columns are shown as their readings are compared", async () => {
  const keys: Record<string, string[]> = {};
  for (const { fills } of EXPERIMENTS) {
    for (const fill of fills) {
      const table = await loadPublishedTable(fill.table), rows = table.rows.map(({ key }) => key);
      for (const row of rows) {
        const baseline = baselineOf(fill, row);
        assertTrue(baseline === undefined || rows.includes(baseline), `${fill.table} ${row}: ${baseline}`);
      }
      keys[fill.table] = shownColumns(filledTable(table)!).map(({ key }) => key);
    }
  }
  const wanted: Record<string, string[]> = {
    "thesis.table17": ["seconds", "ratio", "recompiled", "top1", "top5", "linear", "knn", "drop"],
    "thesis.table18": ["top1", "top5", "drop", "pt_loss"],
    "vitfreeze.table1": ["seconds", "ratio", "recompiled", "top1", "top5", "drop"],
    "thesis.table11": ["seconds", "ratio", "recompiled", "top1", "top5", "drop"],
    "thesis.table12": ["top1", "top5", "drop", "pt_loss"],
    "thesis.table13": ["top1", "drop"],
    "thesis.table14": ["top1"],
    "thesis.table15": ["top1"],
    "thesis.table16": ["top1"],
    "thesis.table20": ["acc_t08", "acc_t08_srlr", "acc_t10"],
    "vitfreeze.table2": ["seconds", "ratio", "recompiled", "acc", "drop"],
    "thesis.table05": ["val_error"],
    "thesis.table06": ["val_error"],
    "thesis.table07": ["e80", "e100", "best_error", "best_epoch"],
    "thesis.table08": ["e80", "e100", "best_error", "best_epoch"],
    "thesis.table09": ["e80", "e100", "best_error", "best_epoch"],
    "thesis.table10": ["best_error", "best_epoch", "e80", "e100"],
    "dmjd.table1": ["ft", "linear", "knn", "drop"],
    "dmjd.table2": ["hours", "ratio", "ft", "linear", "knn", "drop"],
    "dmjd.table3": ["hours", "ratio", "ft", "linear", "knn", "drop"],
    "dmjd.table4": ["ft", "linear", "knn", "drop"],
    "dmjd.table5": ["lp", "knn", "drop"],
    "dmjd.table6": ["hours", "ratio", "ft", "lp", "knn", "drop"],
  };
  for (const [table, columns] of Object.entries(wanted)) assertEqual(keys[table], columns, table);
});

Deno.test("whyUnfilled() tells what no run can fill: a table, a row, a column of any row", () => {
  const why = ["dino_vitb_300", "mae_vitb_800"].map((row) => whyUnfilled("vitfreeze.table2", row));
  assertEqual(why, ["another method, which this project does not hold", undefined]);
  const segmentation = "segmentation is not part of this project";
  assertEqual([whyUnfilled("dmjd.table3", "beit", "miou"), whyUnfilled("dmjd.table3", "beit")], [
    segmentation,
    undefined,
  ]);
  assertTrue(whyUnfilled("dmjd.table7", "mae")!.startsWith("segmentation and detection"), "a table without experiment");
});
