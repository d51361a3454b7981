import fc from "fast-check";
import { parse } from "yaml";
import { configText } from "../commands/repro/announce.ts";
import { resolveConfig, ROWS, rowSchedule, type Table17Config } from "../commands/repro/config.ts";
import { parseCommand } from "../commands/repro/flags.ts";
import { PROFILES } from "../commands/repro/profiles.ts";
import { rowKeys } from "../records/schema.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

const { ci, paper } = PROFILES;

/** Every key of a config, "section.key", with its value. */
function leaves(config: Table17Config): [string, unknown][] {
  return Object.entries(config).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, value]): [string, unknown] => [`${section}.${key}`, value])
  );
}

Deno.test("resolveConfig() accepts every profile as it is, and makes a schedule of every row", () => {
  for (const config of Object.values(PROFILES)) {
    assertEqual(resolveConfig(config, []), config);
    for (const row of rowKeys) assertEqual(rowSchedule(config, row, 7).layers, config.model.depth + 1);
  }
});

Deno.test("resolveConfig() changes the named key alone and leaves the profile as it was", () => {
  const before = structuredClone(ci);
  fc.assert(fc.property(fc.integer({ min: 1, max: 10 ** 6 }), (epochs) => {
    const resolved = resolveConfig(ci, [`finetune.epochs=3`, `pretrain.epochs=${epochs}`]);
    assertEqual(resolved, {
      ...ci,
      pretrain: { ...ci.pretrain, epochs },
      finetune: { ...ci.finetune, epochs: 3 },
    });
  }));
  assertEqual(ci, before);
});

Deno.test("resolveConfig() takes every key of a profile back as text", () => {
  for (const config of Object.values(PROFILES)) {
    assertEqual(resolveConfig(config, leaves(config).map(([key, value]) => `${key}=${JSON.stringify(value)}`)), config);
  }
});

Deno.test("resolveConfig() reads words, numbers, lists, null and true; the last of two wins", () => {
  const resolved = resolveConfig(ci, [
    "freeze.form=paper",
    "data.train=null",
    "finetune.randAugment=true",
    "model.stageBlocks=[12]",
    "model.stageScales=[1]",
    "pretrain.baseLr=1e-3",
    "pretrain.baseLr=2e-3",
  ]);
  assertEqual(
    [resolved.freeze.form, resolved.data.train, resolved.finetune.randAugment, resolved.model.stageBlocks],
    ["paper", null, true, [12]],
  );
  assertEqual(resolved.pretrain.baseLr, 2e-3);
});

Deno.test("resolveConfig() refuses with key, value found and value wanted", async () => {
  const wrong: [string, string][] = [
    ["pretrain.epochs", "Cannot use --set pretrain.epochs: want key=value, e.g. pretrain.epochs=40"],
    ["=3", "Cannot use --set =3: want key=value"],
    ["foo.bar=1", "Cannot set unknown key foo.bar: want one of data.…, model.…, pretrain.…, freeze.…, finetune.…"],
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
    ["model.embedDim=45", "Cannot use model.embedDim 45: want a multiple of 4 and of the 3 model.numHeads"],
    ["model.decoderDim=6", "Cannot use model.decoderDim 6: want a multiple of 4 and of the 4 model.decoderHeads"],
    ["model.mlpRatio=0.3", "Cannot use model.mlpRatio 0.3: want one that makes whole numbers of 48 and 32"],
    ["model.maskRatio=0", "Cannot use model.maskRatio 0: want some of the 64 patches masked and some visible"],
    ["model.maskRatio=1", "Cannot use model.maskRatio 1: want some of the 64 patches masked and some visible"],
  ];
  for (const [change, message] of wrong) {
    await assertRejects(() => resolveConfig(ci, [change]), new RegExp(`^${RegExp.escape(message)}`));
  }
  await assertRejects(
    () => resolveConfig(ci, ["finetune.mixup=1", "finetune.batch=3"]),
    "finetune.batch 3: want an even",
  );
});

Deno.test("rowSchedule() gives each row of Table 17 what distinguishes it", () => {
  const schedules = rowKeys.map((row) => rowSchedule(paper, row, 625));
  assertEqual(schedules.map(({ t0, scaled, srLr }) => ({ t0, scaled, srLr })), [
    { t0: 1, scaled: true, srLr: undefined },
    { t0: 0.8, scaled: true, srLr: undefined },
    { t0: 0.8, scaled: false, srLr: undefined },
    { t0: 0.8, scaled: true, srLr: 0.8 },
  ]);
  // METHOD section 7: 2e-4 per 256 images at a batch of 2048.
  assertEqual(schedules.map(({ baseLr }) => baseLr), rowKeys.map(() => 1.6e-3));
});

Deno.test("rowSchedule() refuses SR-LR where nothing freezes, and lets the other rows be LocalMIM", async () => {
  const config = resolveConfig(ci, ["freeze.t0=1"]);
  await assertRejects(
    () => rowSchedule(config, "vitfreeze_srlr", 20),
    "Cannot run row vitfreeze_srlr with freeze.t0 1: SR-LR has no effect where nothing freezes; want a t0 below 1",
  );
  assertEqual(rowSchedule(config, "vitfreeze", 20), rowSchedule(config, "localmim", 20));
});

Deno.test("parseCommand() fills in the defaults", () => {
  const command = parseCommand([]);
  assertEqual(command.config, PROFILES.laptop);
  const { profile, rows, seeds, out, engine, skipBad, predict, json } = command;
  assertEqual([profile, out, engine, skipBad, predict, json], ["laptop", "results", "compiled", false, false, false]);
  assertEqual([rows, seeds], [Object.keys(ROWS), [0]]);
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
  await assertRejects(() => parseCommand(["--set", "freeze.t0=1"]), "Cannot run row vitfreeze_srlr with freeze.t0 1");
  await assertRejects(
    () => parseCommand(["--set", "model.stageBlocks=[4,2,10,12]"]),
    "Cannot use stageBlocks [4,2,10,12] in a schedule: want ascending layer indices that end with the last layer, 12",
  );
  assertEqual(parseCommand(["--set", "freeze.t0=1", "--rows", "vitfreeze"]).rows, ["vitfreeze"]);
});

Deno.test("configText() is YAML of the whole config with every list on one line", () => {
  for (const config of Object.values(PROFILES)) {
    const text = configText(config);
    assertEqual(parse(text), config);
    assertEqual(text.trimEnd().split("\n").length, Object.keys(config).length + leaves(config).length);
  }
  assertTrue(configText(ci).includes("\n  stageBlocks: [2, 4, 10, 12]\n"), configText(ci));
});
