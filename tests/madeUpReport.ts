import type {
  ClaimReport,
  FigureReport,
  RecordLink,
  Report,
  ScaleReport,
  ScaleSummary,
  TableReport,
} from "../reports/model.ts";

/** Text that breaks pages and Markdown that do not escape it. */
export const HOSTILE = `<b onclick="x">|'&`;

/** A report with invented numbers in which every state occurs, for tests of the site and of the Markdown. */
export function madeUpReport(): Report {
  return {
    tables: [resultTable(), largeTable(), definitionTable(), dmjdTable()],
    textClaims: [claim({ id: "x.1", table: "", verdict: "not checkable", published: "not checkable" })],
    dmjdClaims: [
      claim({ id: "d.11", paper: "dmjd", table: "", verdict: "not run", text: "Twice as fast (t2.speed_a)." }),
      claim({ id: "d.18", paper: "dmjd", table: "", verdict: "only in a literal reading", published: "fails" }),
    ],
    crossChecks: [
      claim({
        id: "x.hours",
        paper: "dmjd",
        table: "",
        verdict: "inconsistent",
        published: "fails",
        text: "Hours agree.",
      }),
    ],
    figures: [figure("pareto-published"), { ...figure("curves"), of: "thesis.figure02" }],
    band: 0.25,
    undrawn: [{ id: "dmjd.figure1", title: `Curves ${HOSTILE}`, why: "Its values are in the image alone." }],
    repeats: { phases: 0, otherCode: 0, otherDay: 0, alike: 0, unnamed: { phases: 0, alike: 0 } },
    scales: [
      summary("small"),
      summary("tiny"),
      { ...summary("gone"), experiments: [], runs: 0, records: [{ label: "Baseline", links: [lostLink] }], hours: 0 },
    ],
    warnings: [`Not used: no experiment asks for 1 record: ${HOSTILE}`],
  };
}

function resultTable(): TableReport {
  return {
    id: "thesis.table17",
    paper: "thesis",
    number: "Table 17",
    title: `Main result ${HOSTILE}`,
    section: "4.5.3 Applying it",
    kind: "result",
    model: "ViT-Z",
    dataset: "Images",
    recipe: { pretrain_epochs: 3, optimizer: `AdamW ${HOSTILE}` },
    columns: [
      { key: "hours", label: "Hours/Ep.", unit: "GPU hours", better: "lower" },
      { key: "top1", label: "Top-1", unit: "%", better: "higher" },
      { key: "device", label: "Device", unit: "", better: "none" },
    ],
    rows: [
      { key: "base", label: "Baseline", note: "", values: { hours: 1.5, top1: 61, device: "A" } },
      { key: "freeze", label: "Frozen", note: `a note ${HOSTILE}`, values: { hours: 1.25, top1: 60.5, device: "B" } },
      { key: "cut", label: "Frozen and cut", note: "another", values: { hours: 1.3, top1: null, device: "C" } },
      { key: "late", label: HOSTILE, note: "", values: { hours: 1.4, top1: 60.25, device: null } },
    ],
    doubts: [`Printed twice ${HOSTILE}`],
    authors: [
      { row: "base", column: "top1", value: 61.24, run: "run_a", what: "best top-1", note: "" },
      { row: "freeze", column: "top1", value: 60.123456, run: "run_b", what: "best top-1", note: "of a second try" },
    ],
    scales: [scale("small"), { ...scale("tiny"), columns: scale("tiny").columns.slice(0, 2) }],
    unfilled: { late: `another method ${HOSTILE}` },
    computed: [],
    claims: [
      claim({ id: "t11.1", verdict: "reproduced", ours: ["reproduced", "inconclusive"] }),
      claim({ id: "t17.2", verdict: "not reproduced", ours: ["not reproduced"], logs: "fails" }),
      claim({ id: "t17.3", verdict: "inconclusive", ours: ["inconclusive"], logs: "no log" }),
      claim({ id: "t17.4", verdict: "refused", ours: ["refused", "not run at this scale"] }),
      claim({ id: "t17.5", verdict: "missing", ours: ["missing"], logs: "not checkable" }),
      claim({ id: "t17.6", verdict: "holds in print" }),
      claim({ id: "t17.7", verdict: "not claimed", published: "fails", derived: true }),
      claim({ id: "t17.8", verdict: "inconsistent", published: "fails", text: HOSTILE }),
    ],
  };
}

/** 36 rows of two columns. */
function largeTable(): TableReport {
  const rows = Array.from({ length: 36 }, (_, k) => ({
    key: `row_${k}`,
    label: `IN${k}, pre-train ${k * 5}, fine-tune ${k * 3}`,
    note: "",
    values: { epochs: k * 5, top1: 50 + (k * 7 % 36) / 4 },
  }));
  const columns = [
    { key: "epochs", label: "Epochs", unit: "epochs", better: "none" as const },
    { key: "top1", label: "Top-1", unit: "%", better: "higher" as const },
  ];
  return { ...emptyTable("thesis.table20", "Table 20", "thesis"), title: "Many rows", columns, rows };
}

function definitionTable(): TableReport {
  const codes = Array.from({ length: 100 }, (_, k) => `n${String(1_000_000 + k)}`).join(", ");
  return {
    ...emptyTable("vitfreeze.table3", "Table 3", "vitfreeze"),
    title: "Classes",
    kind: "definition",
    columns: [{ key: "codes", label: "Class codes", unit: "comma separated", better: "none" }],
    rows: [
      { key: "few", label: "IN-2", note: "", values: { codes: "n1, n2" } },
      { key: "many", label: "IN-100", note: "", values: { codes } },
      { key: "none", label: "IN-0", note: "", values: { codes: null } },
    ],
    computed: [
      { row: "few", column: "codes", value: "n1, n2", by: "datasets/wnids", verdict: "holds by computation" },
      {
        row: "many",
        column: "codes",
        value: codes.slice(0, 80),
        by: "datasets/wnids",
        verdict: "fails by computation",
      },
    ],
  };
}

function dmjdTable(): TableReport {
  return {
    ...emptyTable("dmjd.table2", "Table II", "dmjd"),
    title: "Speed",
    columns: [{ key: "hours", label: "Gh.", unit: "hours", better: "lower" }],
    rows: [
      { key: "mae", label: "MAE", note: "", values: { hours: 200 } },
      { key: "mae_dm", label: "MAE", note: "", values: { hours: 100 } },
    ],
    claims: [claim({ id: "t2.speed_a", paper: "dmjd", table: "dmjd.table2", verdict: "not run" })],
  };
}

function emptyTable(id: string, number: string, paper: TableReport["paper"]): TableReport {
  return {
    id,
    paper,
    number,
    title: "",
    section: "3",
    kind: "result",
    model: "ViT-Z",
    dataset: "Images",
    recipe: {},
    columns: [],
    rows: [],
    doubts: [],
    authors: [],
    scales: [],
    unfilled: {},
    computed: [],
    claims: [],
  };
}

/** A scale whose rows are run, run, missing and not run; every verdict on a cell occurs. */
function scale(id: string): ScaleReport {
  const record = (seed: number, lost: RecordLink["lost"] = null) => recordLink(id, seed, lost);
  return {
    id,
    settings: `profile ${id}`,
    published: false,
    facts: [`Model of ${id}: ViT-Z`, `Data: ${HOSTILE}`],
    columns: [
      {
        key: "seconds",
        label: "s/epoch",
        unit: "s",
        decimals: 1,
        meaning: "scale",
        published: {},
      },
      {
        key: "ratio",
        label: "time ratio",
        unit: "",
        decimals: 3,
        meaning: "relative",
        published: { base: 1, freeze: 0.8333, cut: 0.8667, late: 0.9333 },
      },
      {
        key: "top1",
        label: "top-1",
        unit: "%",
        decimals: 2,
        meaning: "scale",
        published: { base: 61, freeze: 60.5, late: 60.25 },
      },
    ],
    rows: [
      {
        key: "base",
        label: "Baseline",
        like: "",
        state: "run",
        n: 3,
        records: [record(0), record(1), record(2)],
        absent: {},
        cells: {
          seconds: { mean: 10, half: 0.5, n: 3, difference: null, verdict: "no print", values: [] },
          ratio: { mean: 1, half: 0, n: 3, difference: 0, verdict: "reproduced", values: [] },
          top1: { mean: 50.25, half: 0.31, n: 3, difference: -10.75, verdict: "another scale", values: [] },
        },
      },
      {
        key: "freeze",
        label: "Frozen",
        like: "",
        state: "run",
        n: 1,
        records: [record(3), record(4, "missing")],
        absent: {},
        cells: {
          seconds: { mean: 9.04, half: null, n: 1, difference: null, verdict: "no print", values: [] },
          ratio: { mean: 0.9, half: null, n: 1, difference: 0.0667, verdict: "not reproduced", values: [] },
          top1: { mean: 49.5, half: null, n: 1, difference: -11, verdict: "inconclusive", values: [] },
        },
      },
      {
        key: "cut",
        label: "Frozen and cut",
        like: "",
        state: "missing",
        n: 0,
        records: [record(5, "damaged")],
        cells: {},
        absent: { seconds: "missing", ratio: `no pair: other code than ${HOSTILE}`, top1: "missing" },
      },
    ],
  };
}

interface MadeUpClaim {
  id: string;
  verdict: ClaimReport["verdict"];
  paper?: ClaimReport["paper"];
  table?: string;
  text?: string;
  published?: ClaimReport["published"]["outcome"];
  logs?: ClaimReport["authors"]["outcome"];
  /** Verdicts at the scales, the largest first. */
  ours?: ClaimReport["verdict"][];
  derived?: boolean;
}

function claim(made: MadeUpClaim): ClaimReport {
  const { id, verdict, paper = "thesis", table = "thesis.table17", derived = false } = made;
  return {
    id,
    paper,
    table,
    text: made.text ?? `Frozen is cheaper than Baseline, says ${id}.`,
    where: "abstract, 4.2",
    kind: "ordering",
    derived,
    repeats: "",
    published: { outcome: made.published ?? "holds", text: `printed ${HOSTILE}` },
    authors: { outcome: made.logs ?? "holds", text: "Frozen and cut 0.5, Frozen 0.6" },
    ours: (made.ours ?? []).map((verdict, k) => ({
      scale: ["small", "tiny"][k],
      verdict,
      text: "Frozen 0.9",
      reason: `reason ${k} of ${id}`,
    })),
    verdict,
    reason: made.ours ? `reason 0 of ${id}` : `reason of ${id}, see t17.8`,
  };
}

function figure(id: string): FigureReport {
  return {
    id,
    title: `Figure ${id} ${HOSTILE}`,
    caption: `Caption of ${id} ${HOSTILE}`,
    reading: `Reading of ${id} ${HOSTILE}`,
    of: "",
    tables: ["thesis.table17"],
    svg: drawing(id, 640),
    wide: drawing(id, 640),
    narrow: drawing(id, 340),
    csv: "series,x,y\na,1,2\n",
  };
}

function drawing(id: string, width: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="200" viewBox="0 0 ${width} 200">` +
    '<style>@media (prefers-color-scheme:dark){[fill="white"]{fill:#16181a}}</style>' +
    `<rect width="${width}" height="200" fill="white"/><text x="20" y="40">${id}</text></svg>\n`;
}

const recordLink = (scale: string, seed: number, lost: RecordLink["lost"] = null): RecordLink => ({
  id: `${scale}${seed}`.padEnd(64, "f"),
  kind: "finetune",
  seed,
  href: `results/${scale} #${seed}.json`,
  lost,
});

const lostLink = recordLink("gone", 0, "missing");

function summary(id: string): ScaleSummary {
  return {
    id,
    settings: `profile ${id}`,
    experiments: ["thesis.table17"],
    facts: scale(id).facts,
    runs: 4,
    records: [
      { label: "Baseline", links: [0, 1, 2].map((seed) => recordLink(id, seed)) },
      { label: `Frozen ${HOSTILE}`, links: [recordLink(id, 3), recordLink(id, 4, "missing")] },
    ],
    weights: id === "small"
      ? [{
        label: HOSTILE,
        kind: "finetune",
        seed: 0,
        epochs: 2,
        params: 1368106,
        sha256: "7".repeat(64),
        top1: 50,
        id: recordLink(id, 0).id,
        href: recordLink(id, 0).href,
      }]
      : [],
    hours: id === "small" ? 2.5 : 0.25,
    measured: id === "tiny" ? { count: 2, hours: 0.1 } : { count: 0, hours: 0 },
  };
}

/** A report of nothing. */
export const EMPTY_REPORT: Report = {
  tables: [],
  textClaims: [],
  dmjdClaims: [],
  crossChecks: [],
  figures: [],
  band: 0.25,
  undrawn: [],
  scales: [],
  repeats: { phases: 0, otherCode: 0, otherDay: 0, alike: 0, unnamed: { phases: 0, alike: 0 } },
  warnings: [],
};
