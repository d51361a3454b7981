import { authorsObservation } from "../reports/judging/observations.ts";
import { authorsRunSchema } from "../reports/sources/authorsSchema.ts";
import { loadAuthorsCells, loadAuthorsRuns, loggedCells } from "../reports/sources/authors.ts";
import { loadPublishedTable } from "../reports/sources/published.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";

const runs = await loadAuthorsRuns();
const cells = await loadAuthorsCells(runs);

function valueOf(table: string, row: string, column: string): number {
  const found = cells.filter((cell) => cell.table === table && cell.row === row && cell.column === column);
  assertEqual(found.length, 1, `${table} ${row} ${column}`);
  return found[0].value;
}

Deno.test("loadAuthorsRuns() reads 8 pre-trainings and 8 fine-tunings of 100 epochs, sorted", () => {
  assertEqual(runs.map(({ kind }) => kind).sort(), [...Array(8).fill("finetune"), ...Array(8).fill("pretrain")]);
  for (const { run, kind, lr, loss, seconds, wallSeconds, top1, top5 } of runs) {
    const inSteps = kind === "pretrain" ? 100 : 0, tested = kind === "finetune" ? 100 : undefined;
    assertEqual([lr, loss, wallSeconds].map(({ length }) => length), [100, 100, 100], run);
    assertEqual([seconds.length, top1?.length, top5?.length], [inSteps, tested, tested], run);
  }
  const names = runs.map(({ run }) => run.replaceAll("/", "__"));
  assertEqual(names, names.toSorted());
});

Deno.test("loadAuthorsRuns() equals the reduced logs where they are at hand", async () => {
  const reference = "../shared/authors-logs";
  for (const { run, kind, trainingSeconds, args, ...series } of runs) {
    const text = await Deno.readTextFile(`${reference}/${run.replaceAll("/", "__")}.json`).catch(() => null);
    if (text === null) return console.log(`skipped: no ${reference}`);
    const log = JSON.parse(text);
    const column = (name: string) => log.epochs.map((epoch: Record<string, number>) => epoch[name]);
    assertEqual([log.run, log.kind, log.training_s], [run, kind, trainingSeconds]);
    for (const [name, value] of Object.entries(args)) assertEqual(value, log.args[name], `${run} ${name}`);
    assertEqual([series.lr, series.loss, series.wallSeconds], ["lr", "loss_mean", "total_s"].map(column));
    assertEqual(series.seconds, kind === "pretrain" ? column("true_s") : []);
    if (kind === "finetune") assertEqual([series.top1, series.top5], [column("acc1"), column("acc5")]);
  }
});

Deno.test("loadAuthorsCells() computes the hours, losses and accuracies of the published rows", () => {
  const hours = (row: string) => valueOf("thesis.table17", row, "gpu_hours");
  // sums of whole seconds, known to four decimals of an hour
  assertAlmostEqual(hours("localmim"), 0.4771, 5e-5);
  assertAlmostEqual(hours("vitfreeze"), 0.4164, 5e-5);
  assertAlmostEqual(hours("vitfreeze_unscaled"), 0.4206, 5e-5);
  assertAlmostEqual(valueOf("thesis.table11", "localmim_50", "total_hours"), 23.85, 5e-3);
  assertAlmostEqual(valueOf("vitfreeze.table1", "ours", "total_gpu_hours"), 41.64, 5e-3);
  const column = (table: string, rows: string[], name: string) => rows.map((row) => valueOf(table, row, name));
  const lengths = ["localmim_50", "localmim_70", "localmim_90", "localmim_100"];
  assertEqual(column("thesis.table12", lengths, "pt_loss"), [0.1111, 0.1093, 0.108, 0.1078]);
  assertEqual(column("thesis.table11", lengths, "top1"), [83.09, 83.17, 83.384, 83.24]);
  assertEqual(column("thesis.table11", lengths, "top5"), [96.456, 96.448, 96.448, 96.594]);
  const main = ["localmim", "vitfreeze", "vitfreeze_unscaled"];
  assertEqual(column("thesis.table17", main, "top1"), [83.24, 82.53, 82.852]);
  assertEqual(column("thesis.table18", main, "pt_loss"), [0.1078, 0.0087, 0.0086]);
  assertEqual(column("vitfreeze.table1", ["localmim", "ours"], "top5"), [96.594, 96.19]);
});

Deno.test("loadAuthorsCells() names rows and columns that the published tables have", async () => {
  for (const [id, ofTable] of Map.groupBy(cells, ({ table }) => table)) {
    const { rows, columns } = await loadPublishedTable(id);
    for (const { row, column } of ofTable) {
      assertTrue(rows.some(({ key }) => key === row), `${id} has no row ${row}`);
      assertTrue(columns.some(({ key }) => key === column), `${id} has no column ${column}`);
    }
    assertEqual(new Set(ofTable.map(({ row, column }) => `${row} ${column}`)).size, ofTable.length);
  }
  assertEqual(cells.length, 24 + 12 + 9 + 12 + 8);
});

Deno.test("loadAuthorsCells() lies within rounding of the print but where a note says why not", async () => {
  for (const { table, row, column, value, note } of cells) {
    const printed = (await loadPublishedTable(table)).rows.find(({ key }) => key === row)!.values[column];
    // the print rounds hours to two decimals and their totals to multiples of those, accuracies to two
    const tolerance = column.startsWith("total") ? 0.4 : column.startsWith("top") ? 0.045 : 0.0051;
    const odd = Math.abs(value - Number(printed)) > tolerance;
    const loss = column === "pt_loss" && Math.abs(value - Number(printed)) > 2e-4;
    if (odd || loss) {
      assertTrue(/in no released log|sum of four stages/.test(note), `${table} ${row} ${column} ${value}`);
    }
  }
});

Deno.test("authorsObservation() gives the cells of a table by row and column", () => {
  const seen = authorsObservation(cells.filter(({ table }) => table === "thesis.table12"));
  assertEqual(Object.keys(seen), ["localmim_50", "localmim_70", "localmim_90", "localmim_100"]);
  assertEqual(seen.localmim_70, { top1: 83.17, top5: 96.448, pt_loss: 0.1093 });
});

Deno.test("loggedCells() refuses unknown models and runs, runs of the wrong kind and epochs that are not there", async () => {
  const model = { timed: "ViT_orig/full_pretrain_out_1gpu", trained: "", tuned: "", notes: {} };
  const given = (change: Partial<typeof model> & { epochs?: number }, name = "a") => () =>
    loggedCells({
      models: { a: { ...model, ...change } },
      tables: [{ id: "thesis.table17", columns: { gpu_hours: "hoursPerEpoch" }, rows: { localmim: name } }],
    }, runs);
  assertAlmostEqual(given({})()[0].value, 0.4771, 5e-5); // as above
  await assertRejects(given({}, "b"), "Cannot read model 'b' of thesis.table17: it is unknown, want one of a");
  await assertRejects(
    given({ timed: "x" }),
    "Cannot read run 'x' of model a: it is unknown, want one of ViT/finetune/",
  );
  await assertRejects(
    given({ timed: "ViT_orig/full_finetune_out" }),
    "Cannot use run 'ViT_orig/full_finetune_out' as timed: its kind is finetune, want pretrain",
  );
  await assertRejects(given({ epochs: 101 }), "it has 100, want no more");
});

Deno.test("a run's file needs a value in every column of every epoch", () => {
  const head = { run: "a", kind: "pretrain", what: "", note: "", trainingSeconds: 1, args: {} };
  const issue = (epochs: number[][]) =>
    authorsRunSchema.safeParse({ ...head, columns: ["epoch", "lr"], epochs }).error?.issues[0].message;
  assertEqual(issue([[0, 1], [1, 2]]), undefined);
  assertEqual(issue([[0, 1], [1]]), "1 values, want 2");
  assertEqual(issue([[0, 1], [2, 2]]), "want epoch 1");
});
