import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { parseCheckpointHeader } from "../core/checkpoint/header.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { randomStream } from "../core/random/stream.ts";
import { loadRecords } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { filesBelow, runWell, settings, spawn, TINY_CI } from "./commandTools.ts";
import { countFrom, COUNTS, record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

/** A run of 40 steps of pre-training and 8 of fine-tuning, that saves at every one of them. */
const RUN = [...TINY_CI, ...settings({ "pretrain.epochs": 10, "finetune.epochs": 2 }), "--rows", "vitfreeze"];
const KILLS = countFrom(COUNTS.kills, 5);
/** Milliseconds within which a run is killed; a whole one takes about as long, start of the process included. */
const LONGEST = 6000;

/** Steps done by the newest checkpoints of all phases in a folder, whole ones of finished phases; every file has to be whole. */
async function stepsDone(folder: string): Promise<number> {
  const done = new Map<string, number>();
  for (const name of await filesBelow(folder)) {
    const path = join(folder, name);
    if (/\.tmp-\d+-\d+$/.test(name) || name.endsWith("lock")) continue; // what a killed process was writing
    const bytes = await Deno.readFile(path);
    if (name.endsWith(".safetensors")) {
      readSafetensors(bytes, name);
    } else if (basename(name).startsWith("checkpoint-")) {
      const { iteration, tensors } = parseCheckpointHeader(JSON.parse(new TextDecoder().decode(bytes)), name);
      const file = await Deno.readFile(join(folder, dirname(name), tensors.file));
      assertEqual(createHash("sha256").update(file).digest("hex"), tensors.sha256, name);
      done.set(dirname(name), Math.max(done.get(dirname(name)) ?? 0, iteration));
    } else {
      JSON.parse(new TextDecoder().decode(bytes));
      if (basename(name) === "record.json") done.set(dirname(name), dirname(name).startsWith("pretrain") ? 40 : 8);
    }
  }
  return [...done.values()].reduce((sum, steps) => sum + steps, 0);
}

/** What the phases of a run computed, by kind. */
async function computed(folder: string) {
  const records = (await loadRecords(folder)).map(({ record }) => record);
  return Object.fromEntries(
    records.map(({ phase, weights, metrics, events }) => [phase.kind, { weights, metrics, events }]),
  );
}

Deno.test({
  name:
    `kill -9 at ${KILLS} random moments: every file is whole or absent, the run goes on and ends as if never killed`,
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      await runWell("table17", folder, ...RUN, "--run", "straight", "--out", "straight");
      const straight = await computed(`${folder}/straight`);
      const random = randomStream(0, "test");
      let kills = 0, ended = 0, steps = 0;
      // Every round is one run, killed until it ends by itself.
      while (kills < KILLS || steps > 0) {
        const own = `${folder}/${ended}`,
          flags = ["--run", `${ended}/runs`, "--out", `${ended}/results`, "--every", "0"];
        const moment = kills < KILLS ? random.uniform() * LONGEST : undefined;
        const { signal, code, err } = await killed(spawn("table17", folder, [...RUN, ...flags]), moment);
        const now = await stepsDone(`${own}/runs`);
        const results = (await filesBelow(`${own}/results`)).filter((name) => name.endsWith(".json"));
        if (signal === "SIGKILL") {
          kills++;
          assertTrue(now >= steps, `${now} steps are kept, there were ${steps}`);
          assertTrue(results.length <= 2, `${results.length} records of two phases`);
          steps = now;
          continue;
        }
        assertEqual([code, results.length], [0, 2], err);
        assertEqual(await computed(`${own}/results`), straight);
        ended++;
        steps = 0;
      }
      await record("kill", {
        promise:
          "kill -9 at any moment leaves every file whole or absent, and loses nothing but the steps since the last checkpoint",
        how:
          "a child process that saves at every step is killed from outside at a random moment of its life and resumed",
        count: `${kills} kills, ${ended} runs brought to their end`,
      });
    }),
});

/** Of two processes one is killed; half as often, for the other one runs to its end each time. */
const PAIRS = Math.ceil(KILLS / 2);

Deno.test({
  name: `kill -9 of one of two processes that want the same phases, ${PAIRS} times: the other ends what it had begun`,
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      await runWell("table17", folder, ...RUN, "--run", "straight", "--out", "straight");
      const straight = await computed(`${folder}/straight`), random = randomStream(1, "test");
      for (let pair = 0; pair < PAIRS; pair++) {
        const flags = ["--run", `${pair}/runs`, "--out", `${pair}/results`, "--every", "0", "--wait"];
        const both = [0, 1].map(() => spawn("table17", folder, [...RUN, ...flags]));
        const victim = pair % 2, moment = random.uniform() * LONGEST / 2;
        const ends = await Promise.all(both.map((child, k) => killed(child, k === victim ? moment : undefined)));
        const { code, err } = ends[1 - victim], { signal, code: other } = ends[victim];
        assertEqual([code, signal ?? other], [0, signal === null ? 0 : "SIGKILL"], err);
        assertEqual((await filesBelow(`${folder}/${pair}/results`)).length, 2);
        assertEqual(await computed(`${folder}/${pair}/results`), straight);
        assertEqual(await stepsDone(`${folder}/${pair}/runs`), 40 + 8);
        assertEqual((await filesBelow(`${folder}/${pair}/runs`)).filter((name) => name.includes("checkpoint-")), []);
      }
      await record("kill-pair", {
        promise:
          "Of two processes that want the same phases one works, the other waits and ends what the first had begun",
        how: "one of two child processes is killed from outside at a random moment",
        count: `${PAIRS} pairs`,
      });
    }),
});

/** Waits for a process, and kills it after so many milliseconds. */
async function killed(child: Deno.ChildProcess, moment?: number) {
  const timer = moment === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), moment);
  const { signal, code, stderr } = await child.output();
  clearTimeout(timer);
  return { signal, code, err: new TextDecoder().decode(stderr) };
}
