import { joined, savedBy, type Stretch } from "../commands/why/course.ts";
import { logWhy } from "../commands/why/logText.ts";
import { measured } from "../commands/why/measured.ts";
import { netCourse } from "../commands/why/netCourse.ts";
import { pretrainCourse } from "../commands/why/pretrainCourse.ts";
import { reasonsOf } from "../commands/why/reasons.ts";
import { planned } from "../commands/why/subjects.ts";
import { whyText } from "../commands/why/text.ts";
import { predictSaving } from "../core/cost/convNet.ts";
import { DEVICES } from "../core/cost/devices.ts";
import { predictRun } from "../core/cost/runCost.ts";
import { OUR_CHOICES } from "../core/cost/stepCost.ts";
import type { LocalMimConfig } from "../core/methods/localmim/config.ts";
import { methodOf } from "../core/methods/mod.ts";
import { findExperiment } from "../experiments/mod.ts";
import { planOf } from "../experiments/plan.ts";
import type { Epoch } from "../records/record.ts";
import { readLog } from "../reports/logs/readLog.ts";
import type { PretrainConfig, TrainConfig } from "../training/config.ts";
import { freezeOutOf, netOf } from "../training/phases/train.ts";
import { scheduleOf } from "../training/schedule.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, run, runWell, TINY } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

function configOf<Config>(experiment: string, profile: string, row: string): Config {
  const { phases } = planOf(findExperiment(experiment), { profile, set: [], rows: [row], seeds: [0], probes: [] });
  return phases.find(({ kind }) => kind === "pretrain" || kind === "train")!.config as Config;
}

Deno.test("the course of a pre-training says where the backward pass ends, for which tensor, and saves what the cost model predicts", () => {
  const perEpoch = 100;
  for (const [row, backward] of [["vitfreeze", "cut"], ["vitfreeze_live", "live"]] as const) {
    const config = configOf<PretrainConfig>("thesis.table17", "ci", row), course = pretrainCourse(config, perEpoch);
    const { method, config: model } = methodOf(config.method), { stretches } = course;
    assertEqual([course.layers, course.stages, stretches.length], [13, 4, 13]);
    assertEqual(stretches.reduce((sum, { steps }) => sum + steps, 0), config.epochs * perEpoch);
    stretches.forEach(({ live, end, through, because }, k) => {
      assertEqual(live, 13 - k);
      assertEqual([end, through], backward === "cut" ? [k, 0] : [0, k], because);
      assertEqual(because === "cls_token", backward === "live" && k > 0);
    });
    assertEqual(stretches.map(({ stages }) => stages), [4, 4, 4, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1]);
    const options = { ...OUR_CHOICES, backward, batch: config.batch, accumulation: 1 };
    const schedule = scheduleOf(config, method.encoder(model), perEpoch);
    const wanted = predictRun(model as LocalMimConfig, schedule, options, DEVICES.cpu).saving.seconds;
    assertAlmostEqual(course.savings[0].share, wanted, 1e-12); // sums in another order
    assertAlmostEqual(savedBy(stretches as Required<Stretch>[]), wanted, 1e-12);
    assertTrue(course.floor! < stretches.at(-1)!.cost! + 1e-9 && course.floor! > 0.1, `${course.floor}`);
    const reasons = reasonsOf(course).join("\n");
    assertEqual(reasons.includes("'cls_token' wants a gradient"), backward === "live", reasons);
    const at = (what: string) => course.savings.find((each) => each.what.startsWith(what))!.share;
    assertTrue(at("t0 = 0.5") > at("as it is") && at("t0 = 0.9") < at("as it is"), "an earlier freeze saves more");
    assertTrue(at("decoders kept") < at("as it is"), "pruned decoders save");
    assertTrue(at("backward") > at("as it is") === (backward === "live"), "a pass that is cut saves more");
  }
});

Deno.test("a run without freezing is told as such, and a method without a cost model by what trains", () => {
  const whole = pretrainCourse(configOf("thesis.table17", "ci", "localmim"), 10);
  assertEqual(reasonsOf(whole), [
    "Nothing freezes: every layer trains to the last step. A schedule is set by freeze.t0 below 1.",
  ]);
  const own = configOf<PretrainConfig>("dmjd.table2", "ci", "mae"),
    { freeze } = configOf<PretrainConfig>("thesis.table17", "ci", "vitfreeze");
  const course = pretrainCourse({ ...own, freeze, warmupEpochs: 0 }, 100), text = whyText({ name: "x", course }, 100);
  assertTrue(course.stretches.length > 2 && course.savings.length === 0 && !text.includes("a step costs"), text);
  assertTrue(text.includes("No cost model knows this method's steps"), text);
});

Deno.test("the course of a convolutional net saves what its multiply-adds say", () => {
  const config = configOf<TrainConfig>("thesis.table10", "twin", "sgd_fo_scaled"), course = netCourse(config, 250);
  const { net, config: model } = netOf(config, 10);
  const wanted = predictSaving(net, model, freezeOutOf(config, net.layers(model), 250)).multiplyAdds;
  assertAlmostEqual(course.savings[0].share, wanted, 1e-12);
  assertEqual(course.stretches[0].because, "conv1.weight");
  assertEqual(course.stretches.map(({ end }) => end), [0, 1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("measured() takes whole epochs of a stretch, and leaves out what ran beside others", () => {
  const stretch = (from: number, steps: number, live: number): Stretch => {
    return { from, steps, live, stages: 1, end: 2 - live, because: "x", through: 0, cost: 1 };
  };
  const course = { title: "", layers: 2, stages: 1, savings: [], stretches: [stretch(0, 25, 2), stretch(25, 15, 1)] };
  const epoch = (step: number, compile: number, load?: number): Epoch => ({
    ...{ epoch: 0, iterations: 10, losses: {}, rates: [], wallSeconds: 9 },
    seconds: { targets: 1, step: step - 1, compile },
    ...(load !== undefined && { load }),
  });
  const engine = { name: "compiled" as const, backend: "x", version: "1", threads: 1 };
  const epochs = [epoch(10, 3), epoch(10, 0), epoch(7, 2), epoch(4, 0)];
  const found = measured(course, { epochs, engine });
  assertEqual(found.relative, [1, 0.4]);
  assertEqual([found.compileSeconds, found.stepSeconds, found.beside], [2, 31, undefined]);
  assertAlmostEqual(found.saved!, 1 - 31 / 40, 1e-12);
  assertTrue(
    reasonsOf(course, found).some((reason) => reason.includes("Steps are made anew where something freezes: 2.0 s")),
    "",
  );
  const busy = measured(course, { epochs: [...epochs, epoch(4, 0, 2.5)], engine });
  assertEqual(busy.beside, 2.5);
  const text = whyText({ name: "x", course, measured: busy }, 100);
  assertTrue(text.includes("Its times are left out: up to 2.5 processes") && !text.includes("took"), text);
});

Deno.test("joined() makes one of neighbours in which the same trains", () => {
  const each = (from: number, live: number): Stretch => ({
    from,
    steps: 2,
    live,
    stages: 1,
    end: 0,
    because: "",
    through: 0,
  });
  assertEqual(joined([each(0, 3), each(2, 3), each(4, 2)]).map(({ from, steps }) => [from, steps]), [[0, 4], [4, 2]]);
});

const LOG =
  new URL("../../shared/authors-logs/raw_vitfreeze_cubic_t0_8_1gpu.cli_logs.txt.gz", import.meta.url).pathname;
const hasLog = await Deno.stat(LOG).then(() => true, () => false);
if (!hasLog) console.log(`skipped: no ${LOG}`);

Deno.test({
  name: "the released log of ViTFreeze looks like a backward pass that runs through frozen blocks",
  ignore: !hasLog,
  async fn() {
    const log = await readLog(LOG),
      text = logWhy("log", log, 1000),
      [, off, other] = /on average ([\d.]+) off that, ([\d.]+)/.exec(text)!;
    assertTrue(text.includes("the class token, which never freezes"), text);
    // Its two rates are fitted to this log; the form of the backward pass is not, and cut it would miss.
    assertTrue(Number(off) < 0.01 && Number(other) > 0.05, text);
    const plain = { ...log, run: { ...log.run, args: { ...log.run.args!, t_0: 1 } } };
    await assertRejects(() => Promise.resolve().then(() => logWhy("log", plain, 80)), "nothing freezes in it");
  },
});

Deno.test("deno task why tells of an experiment, of a phase's folder and its record, and refuses the rest in one line", () =>
  inFolder(async (folder) => {
    assertEqual(planned("thesis.table17", { set: [] }).length, 3);
    const { out } = await runWell("why", folder, "thesis.table17", "--rows", "vitfreeze", "--profile", "paper");
    assertTrue(
      out.startsWith(
        "ViTFreeze (vitfreeze) of thesis.table17, profile paper, 1281167 images, as many as ImageNet-1K's\n",
      ),
      out,
    );
    assertTrue(/^Saves 1\d\.\d % of the steps' time/m.test(out) && out.includes("layer 0 stops at step"), out);
    await runWell("repro", folder, "thesis.table17", "--profile", "ci", "--rows", "vitfreeze", "--run", "r", ...TINY);
    const told = await runWell("why", folder, "r");
    assertTrue(/pretrain-localmim-[0-9a-f]{12}: thesis\.table17, profile ci, seed 0\n/.test(told.out), told.out);
    const records = [...Deno.readDirSync(`${folder}/r/results`)].map(({ name }) => `r/results/${name}`);
    const each = await Promise.all(records.map((record) => run("why", folder, record)));
    assertEqual(each.map(({ code }) => code).sort(), [0, 1]);
    assertTrue(each.some(({ err }) => err.includes("it is of kind finetune, want pretrain or train")), "a fine-tuning");
    for (
      const [args, words] of [
        [[], "Cannot tell why: nothing is named"],
        [["gone/x.json"], "Cannot tell of gone/x.json: no such file or folder"],
        [
          ["thesis.table17", "--rows", "scratch"],
          "Cannot tell of scratch: nothing in it can freeze, want a pre-training",
        ],
        [["r", "--rows", "vitfreeze"], "Cannot use --rows: r is a run that was made, want it left away"],
        [["table99"], "Cannot run experiment 'table99'"],
      ] as [string[], string][]
    ) assertRefused(await run("why", folder, ...args), words);
  }));
