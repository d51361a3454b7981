import { parseCommand } from "../commands/repro/flags.ts";
import { checked, EXPERIMENTS, findExperiment } from "../experiments/mod.ts";
import { allRows, type Plan, planOf, type Request } from "../experiments/plan.ts";
import { resolveSettings } from "../experiments/settings.ts";
import { table11 } from "../experiments/thesis/table11.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { table2 } from "../experiments/vitfreeze/table2.ts";
import { inOrder, type Phase, phaseKey } from "../records/phase.ts";
import type { PretrainConfig } from "../training/config.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

const plan = (set: string[] = [], more: Partial<Request> = {}, experiment = table17): Plan =>
  planOf(experiment, { profile: "ci", seeds: [0], probes: [], set, ...more });

/** Kinds of phases, in order. */
const kinds = (phases: readonly Phase[]) => phases.map(({ kind }) => kind);

Deno.test("findExperiment() knows an experiment by its id, or by its table's name alone", async () => {
  for (const experiment of EXPERIMENTS) assertEqual(findExperiment(experiment.id), experiment);
  assertEqual([findExperiment("table17"), findExperiment("table20").id], [table17, "thesis.table20"]);
  const ids = EXPERIMENTS.map(({ id }) => id).join(", ");
  const refused: [string, string][] = [
    ["thesis.table18", `Cannot run experiment 'thesis.table18': want one of ${ids}; did you mean thesis.table17?`],
    ["tabel20", `Cannot run experiment 'tabel20': want one of ${ids}; did you mean table20?`],
    ["table2", "Cannot tell which experiment is 'table2': want vitfreeze.table2 or dmjd.table2"],
    ["", `Cannot run experiment '': want one of ${ids}`],
  ];
  for (const [name, words] of refused) await assertRejects(() => findExperiment(name), words);
});

Deno.test("checked() refuses two experiments with one id", async () => {
  assertEqual(checked([table17, table11]), [table17, table11]);
  await assertRejects(
    () => checked([table17, table11, { ...table2, id: "thesis.table17" }]),
    "Cannot list two experiments named thesis.table17: want an id for each",
  );
});

Deno.test("planOf() gives each phase once, before what rests on it, seed by seed", () => {
  const { runs, phases, set } = plan([], { seeds: [0, 3] });
  assertEqual(runs.map(({ row, seed }) => `${row} ${seed}`), [
    ..."localmim 0,vitfreeze 0,vitfreeze_unscaled 0,vitfreeze_srlr 0".split(","),
    ..."localmim 3,vitfreeze 3,vitfreeze_unscaled 3,vitfreeze_srlr 3".split(","),
  ]);
  assertEqual(kinds(phases), new Array(8).fill(["pretrain", "finetune"]).flat());
  assertEqual([new Set(phases.map(phaseKey)).size, set], [16, []]);
  for (const experiment of EXPERIMENTS) {
    const { phases } = plan([], {}, experiment as typeof table17), seen = new Set<string>();
    for (const phase of phases) {
      assertTrue(
        !phase.from || seen.has(phaseKey(phase.from.phase)),
        `${experiment.id}: a phase comes before its start`,
      );
      assertTrue(!seen.has(phaseKey(phase)), `${experiment.id}: a phase comes twice`);
      seen.add(phaseKey(phase));
    }
    assertEqual(inOrder(phases), phases);
  }
});

Deno.test("planOf(): two tables hold the same phases, whatever each adds", () => {
  const keys = (experiment: typeof table17) => new Set(plan([], {}, experiment).phases.map(phaseKey));
  const own = keys(table17), other = keys(table11);
  assertEqual([own.size, other.size, own.intersection(other).size], [8, 9, 6]);
});

Deno.test("planOf() names the settings that differ from the profile's, sorted, whatever the order of the words", () => {
  const words = ["pretrain.epochs=7", "data.train=64", "finetune.epochs=2", 'freeze.form="paper"'];
  const { set, settings, phases } = plan(words), again = plan(words.toReversed());
  assertEqual(set, ["data.train=64", 'freeze.form="paper"', "pretrain.epochs=7"]); // finetune.epochs is the profile's 2
  assertEqual([again.set, again.settings, again.phases.map(phaseKey)], [set, settings, phases.map(phaseKey)]);
  assertEqual(plan(["freeze.t0=0.8", "data.classes=null"]).set, []);
});

Deno.test("planOf() refuses a key that changes no wanted phase, and takes one that says what the profile says", async () => {
  const refused: [string[], Partial<Request>, string][] = [
    [["freeze.t0=0.5"], { rows: ["localmim"] }, "Cannot use --set freeze.t0=0.5: it has no effect in localmim, want"],
    [["freeze.srLrPower=0.5"], { rows: ["localmim", "vitfreeze"] }, "it has no effect in localmim, vitfreeze, want"],
    [
      ["knn.k=5"],
      {},
      "Cannot use --set knn.k=5: it has no effect in thesis.table17, want a key that changes a wanted phase",
    ],
    [["linear.epochs=30"], { probes: ["knn"] }, "Cannot use --set linear.epochs=30: it has no effect"],
    [["subsets.in5=3"], {}, "Cannot use --set subsets.in5=3: it has no effect"],
    [["pretrain.epochs=7", "knn.k=5"], {}, "Cannot use --set knn.k=5: it has no effect"],
  ];
  for (const [set, more, words] of refused) await assertRejects(() => plan(set, more), words);
  plan(["freeze.t0=0.8", "knn.k=20"], { rows: ["localmim"] });
  plan(["freeze.t0=0.5"], { rows: ["localmim", "vitfreeze"] });
  plan(["knn.k=5"], { probes: ["knn"] });
  // With t0 1 ViTFreeze is LocalMIM, so no phase is new, but the row is another one.
  const { runs: [localmim, vitfreeze], phases } = plan(["freeze.t0=1"], { rows: ["localmim", "vitfreeze"] });
  assertEqual([localmim.phases.map(phaseKey), phases.length], [vitfreeze.phases.map(phaseKey), 2]);
});

Deno.test("planOf() offers the nearest profile, row and key", async () => {
  const refused: [string[], Partial<Request>, string][] = [
    [[], { profile: "labtop" }, "Cannot use --profile labtop: want one of ci, laptop, cifar10"],
    [[], { profile: "labtop" }, "; did you mean laptop?"],
    [[], { rows: ["vitfreze"] }, "Cannot run row 'vitfreze': want one of localmim, vitfreeze, vitfreeze_unscaled, "],
    [[], { rows: ["vitfreze"] }, "; did you mean vitfreeze?"],
    [["pretrain.epoch=3"], {}, "; did you mean pretrain.epochs?"],
    [["finetune.data.trian=3"], {}, "; did you mean finetune.data.train?"],
  ];
  for (const [set, more, words] of refused) await assertRejects(() => plan(set, more), words);
  assertTrue(!(await assertRejects(() => plan([], { rows: ["qqqq"] }), "row 'qqqq'")).includes("did you mean"), "near");
});

Deno.test("probes end every run that pre-trains, at the epoch at which its fine-tuning starts", async () => {
  const { phases, runs } = plan([], { rows: ["localmim_50", "localmim_100"], probes: ["linear", "knn"] }, table11);
  assertEqual(kinds(phases), ["pretrain", "finetune", "linear", "knn", "finetune", "linear", "knn"]);
  assertEqual(runs.map(({ phases }) => phases.map(({ kind, from }) => [kind, from?.epochs])), [
    [["finetune", 2], ["linear", 2], ["knn", 2]],
    [["finetune", undefined], ["linear", undefined], ["knn", undefined]],
  ]);
  // What is trained from scratch started from random weights: they are probed.
  const scratch = plan([], { rows: ["scratch_vitb"], probes: ["knn"] }, table2);
  assertEqual(scratch.phases.map(({ kind, from }) => [kind, from]), [["finetune", undefined], ["knn", undefined]]);
  const command = parseCommand(["table17", "--profile", "ci", "--rows", "localmim", "--probes", "knn"])!;
  assertEqual(kinds(command.wanted), ["pretrain", "finetune", "knn"]);
  for (const words of ["kn", "linear,", "linear,linear"]) {
    await assertRejects(() => parseCommand(["table17", "--probes", words]), `Cannot use --probes ${words}: `);
  }
});

Deno.test("the part of the images that fine-tuning or a probe sees is its own, and no part of the pre-training's key", () => {
  const request = { probes: ["linear", "knn"], rows: ["localmim"] } as const, [base] = plan([], request).phases;
  const images = (...words: string[]) => {
    const { runs: [run], phases } = plan(words, request);
    assertEqual(phaseKey(phases[0]), phaseKey(base));
    return Object.fromEntries(run.phases.map(({ kind, data }) => [kind, data.train]));
  };
  assertEqual(images(), { finetune: 640, linear: 640, knn: 640 });
  assertEqual(images("finetune.data.train=24"), { finetune: 24, linear: 640, knn: 640 });
  assertEqual(images("linear.data.train=32", "knn.data.train=null"), { finetune: 640, linear: 32, knn: null });
  // "same" is as many as pre-training sees.
  const { phases: [, finetuned] } = plan(["data.train=64"], { rows: ["localmim"] });
  assertEqual(finetuned.data.train, 64);
});

Deno.test("parseCommand() runs one phase where --phase names it by at least twelve digits, and nothing otherwise", async () => {
  const words = ["table17", "--profile", "ci"], { plan, wanted } = parseCommand(words)!;
  assertEqual(wanted, plan.phases);
  const key = phaseKey(plan.phases[3]);
  for (const text of [key, key.slice(0, 12)]) {
    const one = parseCommand([...words, "--phase", text])!;
    assertEqual([one.wanted.map(phaseKey), one.plan.phases.length], [[key], 8]);
  }
  for (const text of [key.slice(0, 11), "0".repeat(64), "", `${key}0`, key.toUpperCase()]) {
    await assertRejects(
      () => parseCommand([...words, "--phase", text]),
      `Cannot run phase ${text}: want 12 digits or more of the key of one of the 8 phases`,
    );
  }
});

Deno.test("parseCommand() lists the experiments where there is no word at all, and refuses flags without one", async () => {
  assertEqual(parseCommand([]), undefined);
  await assertRejects(
    () => parseCommand(["--profile", "ci"]),
    "Cannot tell which experiment: want its name, e.g. deno task repro thesis.table17",
  );
});

Deno.test("parseCommand() wants a path for each source of images, and no other", async () => {
  const cifar = ["table17", "--profile", "cifar10"];
  const { paths } = parseCommand([...cifar, "--data", "images=photos"])!;
  assertEqual([...paths], [["images", "photos"]]);
  const refused: [string[], string][] = [
    [cifar, "Cannot run profile cifar10 without images: want --data with a folder, .tar, .tar.gz or .zip"],
    [[...cifar, "--data", "a", "--data", "ade=b"], "Cannot use --data ade=…: it has no effect with this experiment"],
    [[...cifar, "--data", "a", "--data", "ade=b"], "whose images are named images"],
    [[...cifar, "--data", "ade=b"], "Cannot run profile cifar10 without images: want --data with"],
    [[...cifar, "--data", "a", "--data", "b"], "images is a already, want one path for each source"],
    [[...cifar, "--data", "ade="], "Cannot use --data 'ade=': the path is empty, want PATH or NAME=PATH"],
    [
      [...cifar, "--data", "a", "--set", "data.source=ade"],
      "Cannot run profile cifar10 without images: want --data ade=PATH with a folder",
    ],
  ];
  for (const [words, wanted] of refused) await assertRejects(() => parseCommand(words), wanted);
});

Deno.test("controls are run where rows name them, and stand beside printed rows", () => {
  const request = { profile: "evidence", set: [], seeds: [0], probes: [] };
  const own = { ...resolveSettings(table17, "evidence", []), seed: 0 };
  const printed = Object.keys(table17.runs(own)), controls = table17.controls!(own);
  assertEqual(planOf(table17, request).runs.map(({ row }) => row), printed);
  assertEqual(allRows(table17, own), [...printed, ...Object.keys(controls)]);
  for (const { like } of Object.values(controls)) assertTrue(printed.includes(like), like);
  const { runs: [scratch, long, live, stopped] } = planOf(table17, {
    ...request,
    rows: ["scratch", "scratch_long", "vitfreeze_live", "localmim_stopped"],
  });
  const epochsOf = ({ config }: Phase) => config.epochs;
  assertEqual([scratch, long].map(({ phases: [phase] }) => [phase.from, epochsOf(phase), phase.config.warmupEpochs]), [
    [undefined, 20, 2],
    [undefined, 89, 8.9],
  ]);
  const { freeze } = live.phases[0].from!.phase.config as unknown as PretrainConfig;
  assertEqual([freeze!.backward, freeze!.clsToken, freeze!.t0], ["live", "global", 0.8]);
  const { epochs, warmupEpochs } = stopped.phases[0].from!.phase.config as unknown as PretrainConfig;
  assertEqual([epochs, warmupEpochs], [10, 1]);
});
