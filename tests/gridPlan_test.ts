import fc from "fast-check";
import { parseGrid } from "../commands/grid/flags.ts";
import { gridFolders, gridName, knownGrid } from "../commands/grid/folders.ts";
import { type Plan, planGrid } from "../commands/grid/plan.ts";
import { readPlan, writePlan } from "../commands/grid/planFile.ts";
import { denoWords, phaseWords } from "../commands/grid/processWords.ts";
import { type GridRequest, parseSet } from "../commands/grid/request.ts";
import { splitList } from "../commands/grid/splitList.ts";
import { findExperiment } from "../experiments/mod.ts";
import { planOf } from "../experiments/plan.ts";
import { phaseKey } from "../records/phase.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { allRows, request } from "./gridTools.ts";
import { inFolder } from "./reportTools.ts";

Deno.test("splitList() splits at commas outside brackets, braces and quotes alone", () => {
  assertEqual(splitList("0.5,0.7, 0.8"), ["0.5", "0.7", "0.8"]);
  assertEqual(splitList("[0.9,0.95],[0.9,0.999]"), ["[0.9,0.95]", "[0.9,0.999]"]);
  assertEqual(splitList('{"a":[1,2],"b":3},"x,\\",y",z'), ['{"a":[1,2],"b":3}', '"x,\\",y"', "z"]);
  // Whatever JSON the values are, they come back.
  fc.assert(fc.property(fc.array(fc.json(), { minLength: 1 }), (values) => {
    assertEqual(splitList(values.join(",")), values.map((value) => value.trim()));
  }));
  assertEqual([splitList(""), splitList("a,"), splitList("]a,b")], [[""], ["a", ""], ["]a,b"]]);
});

/** How many phases of each kind a plan has. */
function kinds({ cells }: Plan): Record<string, number> {
  const groups = Map.groupBy(cells, ({ phase: { kind } }) => kind);
  return Object.fromEntries([...groups].map(([kind, { length }]) => [kind, length]));
}

Deno.test("planGrid() trains what runs share once: Table 20 is 36 pre-trainings and 108 fine-tunings", () => {
  const table20 = planGrid(allRows({ experiment: "thesis.table20" }));
  assertEqual(kinds(table20), { pretrain: 36, finetune: 108 });
  for (const cell of table20.cells) assertEqual(cell.rows.length, cell.phase.kind === "pretrain" ? 3 : 1);
  // Table 11 fine-tunes one pre-training from four of its epochs.
  assertEqual(kinds(planGrid(allRows({ experiment: "thesis.table11" }))), { pretrain: 3, finetune: 6 });
  assertEqual(kinds(planGrid(allRows({ probes: ["linear", "knn"] }))), { pretrain: 4, finetune: 4, linear: 4, knn: 4 });
  const sets = [parseSet("finetune.epochs=2,3"), parseSet("finetune.layerDecay=0.7,0.8,0.9")];
  assertEqual(kinds(planGrid(request({ sets, seeds: 2 }))), { pretrain: 2, finetune: 12 });
});

Deno.test("planGrid() takes settings, then seeds, then rows, and each phase after what it starts from", () => {
  const sets = [parseSet("freeze.t0=0.5,0.8"), parseSet("pretrain.betas=[0.9,0.95],[0.9,0.99]")];
  const rows = ["vitfreeze", "vitfreeze_unscaled"], { cells } = planGrid(request({ rows, seeds: 2, sets }));
  assertEqual(cells.length, 2 * 2 * 2 * 2 * 2);
  const words = cells.map(({ phase, rows, values }) =>
    `${phase.kind} ${Object.values(values).join(" ")} ${rows} ${phase.seed}`
  );
  assertEqual([words[0], words[1], words[2], words[4], words[8], words[31]], [
    "pretrain 0.5 [0.9,0.95] vitfreeze 0",
    "finetune 0.5 [0.9,0.95] vitfreeze 0",
    "pretrain 0.5 [0.9,0.95] vitfreeze_unscaled 0",
    "pretrain 0.5 [0.9,0.95] vitfreeze 1",
    "pretrain 0.5 [0.9,0.99] vitfreeze 0",
    "finetune 0.8 [0.9,0.99] vitfreeze_unscaled 1",
  ]);
  const names = cells.map(({ name }) => name);
  assertEqual(new Set(names).size, 32);
  for (const [i, { start }] of cells.entries()) {
    if (start !== undefined) {
      assertTrue(names.indexOf(start) >= 0 && names.indexOf(start) < i, `${names[i]} is too early`);
    }
  }
});

Deno.test("planGrid() names a cell by what it computes, however that was asked for", () => {
  const name = (changes: Partial<GridRequest>) => planGrid(request(changes)).cells[1].name;
  const wanted = name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]]] });
  assertTrue(/^finetune-localmim-[0-9a-f]{12}$/.test(wanted), wanted);
  assertEqual(name({ sets: [["pretrain.batch", ["16"]], ["freeze.t0", ["0.50"]]] }), wanted);
  assertEqual(name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]], ["freeze.power", ["3"]]] }), wanted);
  const passed = ["--threads", "1", "--every", "3"];
  assertEqual(name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]]], passed }), wanted);
  // The same phase of another table is the same cell; without a pre-training it is named so.
  const other = request({ experiment: "thesis.table11", sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]]] });
  assertEqual(planGrid(other).cells[1].name, wanted);
  const scratch = planGrid(request({ experiment: "vitfreeze.table2", rows: ["scratch_vitb"] })).cells;
  assertTrue(scratch.length === 1 && scratch[0].name.startsWith("finetune-scratch-"), scratch[0].name);
});

Deno.test("planGrid() runs a row once for all values of a key that changes nothing in it", () => {
  const sets = [parseSet("freeze.t0=0.5,0.8")], rows = ["localmim", "vitfreeze"];
  const { cells } = planGrid(request({ rows, sets }));
  assertEqual(cells.map(({ rows, values }) => [...rows, ...values["freeze.t0"]].join(" ")), [
    ...["localmim 0.5 0.8", "localmim 0.5 0.8", "vitfreeze 0.5", "vitfreeze 0.5", "vitfreeze 0.8", "vitfreeze 0.8"],
  ]);
  // Nothing freezes at 1, so the power is without effect there, and there alone.
  const idle = [parseSet("freeze.t0=1,0.5"), parseSet("freeze.power=1,2")];
  const both = planGrid(request({ experiment: "thesis.table11", sets: idle }));
  assertEqual(kinds(both), { pretrain: 3, finetune: 3 });
});

Deno.test("planGrid() heeds a value that makes one row another's run, as the experiment's own command does", () => {
  const rows = ["localmim", "vitfreeze"], asked = request({ rows, sets: [parseSet("freeze.t0=1,0.5")] });
  const { cells } = planGrid(asked);
  // At 1 nothing freezes: ViTFreeze is LocalMIM there, and the profile's own t0 of 0.8 is nowhere.
  assertEqual(cells.map(({ rows, values }) => [...rows, ...values["freeze.t0"]].join(" ")), [
    ...["localmim vitfreeze 1 0.5", "localmim vitfreeze 1 0.5", "vitfreeze 0.5", "vitfreeze 0.5"],
  ]);
  const { phases } = planOf(findExperiment("table17"), { ...asked, set: ["freeze.t0=1"], rows, seeds: [0] });
  assertEqual(cells.slice(0, 2).map(({ key }) => key), phases.map(phaseKey));
});

Deno.test("planGrid() gives each process a command line whose own plan holds its phase", () => {
  const sets = [parseSet("freeze.t0=1,0.5,0.8"), parseSet("freeze.power=1,2"), parseSet("finetune.epochs=2,3")];
  const requests = [
    request({ experiment: "thesis.table11", rows: ["localmim_50", "vitfreeze"], sets, seeds: 2 }),
    request({ rows: ["localmim"], sets: [parseSet("pretrain.epochs=4,5")], probes: ["knn"] }),
    allRows({ experiment: "thesis.table11", sets: [parseSet("finetune.epochs=2,3")] }),
    allRows({ experiment: "thesis.table14", sets: [parseSet("freeze.srLrPower=0.8")] }),
  ];
  for (const asked of requests) {
    const { experiment, profile, rows, probes } = asked;
    for (const { key, words, phase: { seed } } of planGrid(asked).cells) {
      const { phases } = planOf(findExperiment(experiment), { profile, set: words, rows, seeds: [seed], probes });
      assertTrue(phases.some((phase) => phaseKey(phase) === key), `${words.join(" ")} does not lead to ${key}`);
    }
  }
});

Deno.test("phaseWords() and denoWords() run one phase by its whole key", () => {
  const passed = ["--data", "images/c.tar", "--every", "3"], sets = [parseSet("freeze.t0=0.5,0.8")];
  const asked = request({ profile: "cifar10", sets, passed, probes: ["knn"] }), { cells } = planGrid(asked);
  const place = { run: "r", out: "o" }, [, , { key }, last] = cells;
  assertEqual(
    phaseWords(asked, place, cells[2]).join(" ").replace(key, "KEY"),
    [
      "thesis.table17 --profile cifar10 --set freeze.t0=0.5 --rows vitfreeze --seed 0 --probes knn",
      "--phase KEY --run r --out o --wait --data images/c.tar --every 3",
    ].join(" "),
  );
  assertEqual(key.length, 64);
  const words = denoWords(asked, place, last, 3), told = { ...asked, passed: [...passed, "--threads", "7"] };
  assertTrue(words[0] === "run" && words.some((word) => word.endsWith("/commands/repro/main.ts")), words.join(" "));
  assertEqual(words.slice(-2), ["--threads", "3"]);
  const card = denoWords({ ...asked, passed: ["--device", "webgpu"] }, place, last, 3);
  assertEqual(card.slice(-2), ["--device", "webgpu"], "a card's process is not told how many threads");
  assertEqual(denoWords(told, place, last, 3).slice(-2), ["--threads", "7"]);
});

Deno.test("planGrid() refuses what the experiment itself refuses, values that are the same, and idle keys", async () => {
  const refused = (changes: Partial<GridRequest>, wanted: string) =>
    assertRejects(() => planGrid(request(changes)), wanted);
  await refused({ sets: [["freeze.t9", ["1"]]] }, "Cannot set unknown key freeze.t9");
  await refused({ sets: [["freeze.t0", ["0.5", "2"]]] }, "Cannot use freeze.t0 2");
  await refused({ rows: ["vitfreeze_srlr"], sets: [["freeze.t0", ["1"]]] }, "SR-LR: it has no effect");
  await refused(
    { sets: [["freeze.backward", ["cut"]], ["freeze.clsToken", ["global"]]] },
    "Cannot use freeze.backward cut",
  );
  await refused({ rows: ["vitfreze"] }, "; did you mean vitfreeze?");
  await refused({ profile: "lapto" }, "; did you mean laptop?");
  await refused({ profile: "cifar10" }, "Cannot run profile cifar10 without its images: want --data PATH");
  await refused({ passed: ["--data", "x"] }, "Cannot use --data for images: it has no effect here, want no images");
  await refused({ sets: [["data.source", ["pets"]]] }, "want --data pets=PATH");
  await refused({ sets: [["freeze.t0", ["0.5", "0.50"]]] }, "'freeze.t0=0.5' and 'freeze.t0=0.50' are the same");
  await refused({ sets: [["freeze.t0", ["0.5"]], ["freeze.t0", ["0.6"]]] }, "Cannot use --set freeze.t0 twice");
  // One of the values is the profile's own.
  await refused(
    { rows: ["localmim"], sets: [["freeze.t0", ["0.5", "0.8"]]] },
    "freeze.t0: it has no effect in localmim",
  );
  await refused({ sets: [["knn.k", ["5", "9"]]] }, "knn.k: it has no effect");
  assertEqual(planGrid(request({ sets: [["knn.k", ["5", "9"]]], probes: ["knn"] })).cells.length, 4);
  for (const word of ["freeze.t0", "=1", "freeze.t0=", "freeze.t0=1,,2"]) {
    await assertRejects(() => parseSet(word), "want key=value,value,…");
  }
});

Deno.test("parseGrid() refuses flags without effect, and knows its defaults", async () => {
  const { request: found, ...rest } = parseGrid(["table17", "--profile", "ci", "--threads", "1"]);
  assertEqual(rest, { run: "runs", action: "run", csv: false });
  assertEqual(found, {
    experiment: "thesis.table17",
    profile: "ci",
    seeds: 1,
    sets: [],
    probes: [],
    passed: ["--threads", "1"],
  });
  assertEqual(parseGrid(["thesis.table20"]).request!.profile, "laptop");
  const sources = parseGrid(["table17", "--data", "a", "--data", "pets=b", "--any-code"]).request!.passed;
  assertEqual(sources, ["--data", "a", "--data", "pets=b", "--any-code"]);
  const grid = "table17",
    refused: [string[], string][] = [
      [[], "Cannot tell which grid: want an experiment (thesis.table17, "],
      [["experiments/table17"], "Cannot run experiment 'experiments/table17': want one of thesis.table17, "],
      [[grid, "--time", "5"], "Cannot use --time: it has no effect with a grid without --slurm"],
      [[grid, "--status", "--jobs", "2"], "Cannot use --jobs: it has no effect with --status"],
      [[grid, "--collect", "--slurm"], "Cannot use --slurm: it has no effect with --collect"],
      [[grid, "--collect", "--status"], "Cannot use --status and --collect together"],
      [[grid, "--csv"], "Cannot use --csv: it has no effect"],
      [["--run", "g", "--seeds", "2"], "Cannot use --seeds: it has no effect with the plan of --run"],
      [["--run", "g", "--probes", "knn"], "Cannot use --probes: it has no effect with the plan of --run"],
      [[grid, "--jobs", "0"], "Cannot use --jobs 0: want a whole number from 1"],
      [[grid, "--slurm", "--warn", "x"], "Cannot use --warn x"],
      [[grid, "--slurm", "--partition", "a b"], "Cannot use --partition 'a b'"],
      [[grid, "--rows", "a,a"], "a row is named twice"],
      [[grid, "--probes", "knn,knn"], "a probe is named twice"],
      [[grid, "--probes", "linaer"], "want linear, knn or both; did you mean linear?"],
      [[grid, "--run", ""], "Cannot use --run '': want a folder"],
      [[grid, "--name", "../x"], "Cannot use --name '../x': want letters"],
      [[grid, "--engine", "compild"], "want compiled or eager; did you mean compiled?"],
      [[grid, "--engine", "eager", "--threads", "2"], "Cannot use --threads: it has no effect with the eager engine"],
      [[grid, "--backend", "cpu"], "Cannot use --backend: it has no effect with the compiled engine"],
      [
        [grid, "--engine", "eager", "--device", "webgpu"],
        "Cannot use --device: it has no effect with the eager engine",
      ],
      [
        [grid, "--device", "webgpu", "--threads", "2"],
        "Cannot use --threads: it has no effect with --device webgpu, which uses one thread",
      ],
      [[grid, "--device", "gpu"], "Cannot use --device gpu: want cpu, webgpu, cuda or cuda:N"],
      [[grid, "--threads", "0"], "Cannot use --threads 0: want a whole number from 1 to 1024"],
      [[grid, "--keep", "0"], "Cannot use --keep 0"],
      [[grid, "--every=-1"], "Cannot use --every -1: want a number of minutes"],
      [[grid, "--data", "pets="], "Cannot use --data 'pets=': want a path"],
    ];
  for (const [args, wanted] of refused) await assertRejects(() => parseGrid(args), wanted);
});

Deno.test("gridName() and knownGrid() keep grids of one folder apart", () =>
  inFolder(async (folder) => {
    const sets = [parseSet("freeze.t0=0.5,0.8"), parseSet("pretrain.epochs=4,5")];
    const swept = gridName(request({ sets }));
    assertEqual(gridName(request({ rows: ["localmim"], seeds: 3 })), "thesis.table17-ci");
    assertTrue(/^thesis\.table17-ci-[0-9a-f]{6}$/.test(swept), swept);
    assertEqual(gridName(request({ sets: [...sets].reverse() })), swept);
    assertTrue(gridName(request({ sets: sets.slice(1) })) !== swept, "other sets have the same name");

    await assertRejects(() => knownGrid(folder), "it holds no grid, want the experiment's name");
    await writePlan(gridFolders(folder, swept).grid, undefined, planGrid(request({ sets })));
    assertEqual(await knownGrid(folder), swept);
    await writePlan(gridFolders(folder, "other").grid, "out", planGrid(request()));
    await Deno.mkdir(`${folder}/grids/empty`);
    await assertRejects(() => knownGrid(folder), `want --name other or ${swept}`);
    await assertRejects(() => knownGrid(folder, "othr"), `want other or ${swept}; did you mean other?`);
    assertEqual(await readPlan(gridFolders(folder, await knownGrid(folder, "other")).grid), {
      plan: planGrid(request()),
      out: "out",
    });
  }));

Deno.test("readPlan() refuses a plan whose phases are others today, or that is broken", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plan.json`;
    await writePlan(folder, undefined, planGrid(request()));
    const text = await Deno.readTextFile(path), [{ key }] = planGrid(request()).cells;
    for (
      const [now, wanted] of [
        [text.replace(key, key.replace(/./, (digit) => digit === "0" ? "1" : "0")), "its phases are others today"],
        [text.replace('"seeds":1', '"seeds":2'), "its phases are others today"],
        [text.replace('"version":2', '"version":1'), "at version: "],
        [text.slice(1), "it is no JSON, want what a grid has written"],
      ]
    ) {
      await Deno.writeTextFile(path, now);
      await assertRejects(() => readPlan(folder), wanted);
    }
  }));
