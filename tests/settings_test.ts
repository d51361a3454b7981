import fc from "fast-check";
import { parse } from "yaml";
import { configText } from "../commands/repro/announce.ts";
import { type Command, parseCommand as parseWords } from "../commands/repro/flags.ts";
import { VIT, type VitSettings } from "../experiments/recipes/vit.ts";
import { resolveSettings } from "../experiments/settings.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { phaseKey } from "../records/phase.ts";
import type { PretrainConfig } from "../training/config.ts";
import { scheduleOf } from "../training/schedule.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

type Profile = Omit<VitSettings, "seed">;
const PROFILES = VIT.profiles, { ci } = PROFILES;
const resolveConfig = (profile: string, changes: string[]) => resolveSettings(table17, profile, changes);

/** What the command makes of words behind the experiment's name. */
function parseCommand(args: string[], launched = false): Command {
  return parseWords(["thesis.table17", ...args], launched)!;
}

/** The schedule of each row of Table 17 in a profile. */
function schedules(settings: Profile, perEpoch: number) {
  const runs = table17.runs({ ...settings, seed: 0 });
  return Object.values(runs).map(({ phases: [finetuned] }) => {
    const config = finetuned.from!.phase.config as unknown as PretrainConfig;
    return scheduleOf(config, { layers: settings.model.depth + 1, stageBlocks: settings.model.stageBlocks }, perEpoch);
  });
}

/** Every key of settings, from the top and joined by dots, with its value. */
function leaves(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, path === "" ? key : `${path}.${key}`));
}

Deno.test("resolveSettings() accepts every profile as it is, and makes a schedule of every row", () => {
  for (const [profile, settings] of Object.entries(PROFILES)) {
    assertEqual(resolveConfig(profile, []), settings);
    for (const { layers } of schedules(settings, 7)) assertEqual(layers, settings.model.depth + 1);
  }
});

Deno.test("resolveSettings() changes the named key alone and leaves the profile as it was", () => {
  const before = structuredClone(ci);
  fc.assert(fc.property(fc.integer({ min: 1, max: 10 ** 6 }), (epochs) => {
    const resolved = resolveConfig("ci", [`finetune.epochs=3`, `pretrain.epochs=${epochs}`]);
    assertEqual(resolved, {
      ...ci,
      pretrain: { ...ci.pretrain, epochs },
      finetune: { ...ci.finetune, epochs: 3 },
    });
  }));
  assertEqual(ci, before);
});

Deno.test("resolveSettings() changes one section alone where the profile's sections share a value", () => {
  for (const section of ["finetune", "linear", "knn"] as const) {
    const { [section]: changed, ...rest } = resolveConfig("ci", [`${section}.data.train=24`]);
    const { [section]: usual, ...others } = ci;
    assertEqual([changed, rest], [{ ...usual, data: { train: 24 } }, others], section);
  }
});

Deno.test("resolveSettings() takes every key of a profile back as text", () => {
  for (const [profile, settings] of Object.entries(PROFILES)) {
    const words = leaves(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    assertEqual(resolveConfig(profile, words), settings);
  }
});

Deno.test("resolveSettings() reads words, numbers, lists, null and true", () => {
  const resolved = resolveConfig("ci", [
    "freeze.form=paper",
    "data.train=null",
    "finetune.randAugment=true",
    "model.stageBlocks=[12]",
    "model.stageScales=[1]",
    "pretrain.baseLr=2e-3",
  ]);
  assertEqual(
    [resolved.freeze.form, resolved.data.train, resolved.finetune.randAugment, resolved.model.stageBlocks],
    ["paper", null, true, [12]],
  );
  assertEqual(resolved.pretrain.baseLr, 2e-3);
});

Deno.test("resolveSettings() refuses a key that is set twice", async () => {
  const words = ["pretrain.epochs=3", "data.train=64", "pretrain.epochs=4"];
  await assertRejects(() => resolveConfig("ci", words), "Cannot use --set pretrain.epochs twice: want one value");
});

Deno.test("resolveSettings() refuses with key, value found and value wanted", async () => {
  const wrong: [string, string][] = [
    ["pretrain.epochs", "Cannot use --set pretrain.epochs: want key=value, e.g. pretrain.epochs=40"],
    ["=3", "Cannot use --set =3: want key=value"],
    ["foo.bar=1", "Cannot set unknown key foo.bar: want one of data.…, "],
    ["freeze.t=1", "Cannot set unknown key freeze.t: want one of freeze.t0, freeze.power, "],
    ["freeze=1", "Cannot set unknown key freeze: want one of freeze.t0, "],
    ["freeze.t0.x=1", "Cannot set unknown key freeze.t0.x: want one of freeze.t0, "],
    ["freeze.toString=1", "Cannot set unknown key freeze.toString: "],
    ["freeze.t0=0", "Cannot use freeze.t0 0: want a number above 0 and at most 1"],
    ["freeze.t0=1.5", "Cannot use freeze.t0 1.5: want a number above 0 and at most 1"],
    ["freeze.form=code2", 'Cannot use freeze.form "code2": want code or paper'],
    ["freeze.clsToken=global", "Cannot use freeze.backward cut with freeze.clsToken global: want layer0"],
    ["data.train=0", "Cannot use data.train 0: want a whole number of at least 1, or null for all"],
    ["pretrain.epochs=x", 'Cannot use pretrain.epochs "x": want a whole number of at least 1'],
    ["pretrain.epochs=", 'Cannot use pretrain.epochs "": want a whole number of at least 1'],
    ["pretrain.epochs=1.5", "Cannot use pretrain.epochs 1.5: want a whole number of at least 1"],
    ["pretrain.warmupEpochs=5", "Cannot use pretrain.warmupEpochs 5: want fewer than the 5 of pretrain.epochs"],
    ["finetune.warmupEpochs=2", "Cannot use finetune.warmupEpochs 2: want fewer than the 2 of finetune.epochs"],
    ["pretrain.betas=0.9", "Cannot use pretrain.betas 0.9: want two numbers"],
    ["pretrain.betas=[0.9]", "Cannot use pretrain.betas [0.9]: want two numbers"],
    ["pretrain.betas=[0.9,1]", "Cannot use pretrain.betas.1 1: want a number of at least 0 and below 1"],
    ["pretrain.cropScale=[1,0.2]", "Cannot use pretrain.cropScale [1,0.2]: want [low,high]"],
    ["finetune.cropScale=[1,0.2]", "Cannot use finetune.cropScale [1,0.2]: want [low,high]"],
    ["finetune.minLr=1", "Cannot use finetune.minLr 1: want at most the 0.004 of finetune.lr"],
    ["finetune.randAugment=1", "Cannot use finetune.randAugment 1: want true or false"],
    ["model.patchSize=5", "Cannot use model.patchSize 5: want one that divides 64 pixels into an even grid"],
    ["model.patchSize=2", "Cannot use model.patchSize 2: want a multiple of 4"],
    ["model.stageScales=[4,2]", "Cannot use model.stageScales [4,2]: want one per stage, 4"],
    ["model.stageScales=[3,2,1,1]", "Cannot use model.stageScales.0 3: want 4, 2, 1 or 0.5"],
    ["model.embedDim=45", "Cannot use model.embedDim 45: want a multiple of 4 and of the 3 numHeads"],
    ["model.decoderDim=6", "Cannot use model.decoderDim 6: want a multiple of 4 and of the 4 decoderHeads"],
    ["model.mlpRatio=0.3", "Cannot use model.mlpRatio 0.3: want one that makes a whole number of 48"],
    ["model.maskRatio=0", "Cannot use model.maskRatio 0: want some of the 64 patches masked and some visible"],
    ["model.maskRatio=1", "Cannot use model.maskRatio 1: want some of the 64 patches masked and some visible"],
  ];
  for (const [change, message] of wrong) {
    await assertRejects(() => resolveConfig("ci", [change]), new RegExp(`^${RegExp.escape(message)}`));
  }
  await assertRejects(
    () => resolveConfig("ci", ["finetune.mixup=1", "finetune.batch=3"]),
    "finetune.batch 3: want an even",
  );
});

Deno.test("Table 17 gives each row the schedule that distinguishes it", () => {
  const rows = schedules(PROFILES.paper, 625);
  assertEqual(rows.map(({ t0, scaled, srLr }) => ({ t0, scaled, srLr })), [
    { t0: 1, scaled: true, srLr: undefined },
    { t0: 0.8, scaled: true, srLr: undefined },
    { t0: 0.8, scaled: false, srLr: undefined },
    { t0: 0.8, scaled: true, srLr: 0.8 },
  ]);
  // METHOD section 7: 2e-4 per 256 images at a batch of 2048.
  assertEqual(rows.map(({ baseLr }) => baseLr), [1.6e-3, 1.6e-3, 1.6e-3, 1.6e-3]);
});

Deno.test("with freeze.t0 1 SR-LR is refused, and the other rows are LocalMIM itself", async () => {
  const flags = ["--profile", "ci", "--set", "freeze.t0=1"];
  await assertRejects(
    () => parseCommand(flags),
    "Cannot use freeze.t0 1 with SR-LR: it has no effect where nothing freezes; want a t0 below 1",
  );
  const { plan, wanted } = parseCommand([...flags, "--rows", "localmim,vitfreeze"]);
  assertEqual(wanted.length, 2);
  assertEqual(
    plan.runs.map(({ phases }) => phaseKey(phases[0])),
    wanted.slice(1).flatMap((one) => [one, one]).map(phaseKey),
  );
});

Deno.test("parseCommand() fills in the defaults", () => {
  const command = parseCommand([]), { request: { profile, rows, seeds }, engine, skipBad, predict, json } = command;
  assertEqual(command.plan.settings, PROFILES.laptop);
  const { folders: { out, root } } = command;
  assertEqual([profile, out, root, engine, skipBad, predict, json], [
    ...["laptop", "runs/results", "runs", "compiled"],
    ...[false, false, false],
  ]);
  assertEqual([rows, seeds, command.wanted.length], [undefined, [0], 8]);
  assertEqual([command.threads, command.accum, command.distributed, command.rankTimeout], [
    undefined,
    undefined,
    undefined,
    300,
  ]);
});

Deno.test("parseCommand() takes flags of ranks where there may be some, and refuses them elsewhere", async () => {
  const { accum, distributed, rankTimeout } = parseCommand(["--accum", "4", "--rank-timeout", "9"], true);
  assertEqual([accum, distributed, rankTimeout], [4, undefined, 9]);
  assertEqual(parseCommand(["--distributed", "mpi", "--rank-timeout", "0.5"]).rankTimeout, 0.5);
  const refused: [string[], boolean, string][] = [
    [["--distributed", "slurm"], true, "Cannot use --distributed slurm: want mpi or none"],
    [["--rank-timeout", "9"], false, "Cannot use --rank-timeout: it has no effect with one process; want mpirun, srun"],
    [["--distributed", "none", "--rank-timeout", "9"], true, "Cannot use --rank-timeout: it has no effect"],
    [["--rank-timeout", "0"], true, "Cannot use --rank-timeout 0: want seconds above 0"],
    [["--accum", "0"], false, "Cannot use --accum 0: want a whole number from 1 to 65536"],
    [["--accum", "2", "--predict"], false, "Cannot use --accum: it has no effect with --predict"],
  ];
  for (const [args, launched, wanted] of refused) await assertRejects(() => parseCommand(args, launched), wanted);
});

Deno.test("parseCommand() refuses schedules that cannot run before any data are read", async () => {
  await assertRejects(
    () => parseCommand(["--set", "model.stageBlocks=[2,4,10,11]"]),
    "Cannot use stageBlocks [2,4,10,11] in a schedule: want ascending layer indices that end with the last layer, 12",
  );
});

Deno.test("configText() is YAML of the whole config with every list on one line", () => {
  for (const settings of Object.values(PROFILES)) {
    const text = configText(settings), keys = text.match(/^ *\w+:/gm)!;
    assertEqual(parse(text), settings);
    assertEqual(text.trimEnd().split("\n").length, keys.length);
  }
  assertTrue(configText(ci).includes("\n  stageBlocks: [2, 4, 10, 12]\n"), configText(ci));
});
