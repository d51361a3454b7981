import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseCheckpointHeader } from "../core/checkpoint/header.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { randomStream } from "../core/random/stream.ts";
import { loadResults } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { filesBelow, runWell, settings, spawn, TINY_CI } from "./commandTools.ts";
import { countFrom, COUNTS, record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

/** A run of 40 steps of pre-training and 8 of fine-tuning, that saves at every one of them. */
const RUN = [...TINY_CI, ...settings({ "pretrain.epochs": 10, "finetune.epochs": 2 }), "--rows", "vitfreeze"];
const KILLS = countFrom(COUNTS.kills, 5);
/** Milliseconds within which a run is killed; a whole one takes about as long, start of the process included. */
const LONGEST = 6000;

/** Steps done by the newest checkpoint, fine-tuning after pre-training; every file has to be whole. */
async function stepsDone(folder: string): Promise<number> {
  let steps = 0;
  for (const name of await filesBelow(folder)) {
    const path = join(folder, name);
    if (/\.tmp-\d+-\d+$/.test(name) || name === "lock") continue; // what a killed process was writing
    const bytes = await Deno.readFile(path);
    if (name.endsWith(".safetensors")) {
      readSafetensors(bytes, name);
    } else if (name.startsWith("checkpoint-")) {
      const { phase, iteration, tensors } = parseCheckpointHeader(JSON.parse(new TextDecoder().decode(bytes)), name);
      const file = await Deno.readFile(join(folder, tensors.file));
      assertEqual(createHash("sha256").update(file).digest("hex"), tensors.sha256, name);
      steps = Math.max(steps, iteration + (phase === "finetune" ? 40 : 0));
    } else {
      JSON.parse(new TextDecoder().decode(bytes));
    }
  }
  return steps;
}

Deno.test({
  name:
    `kill -9 at ${KILLS} random moments: every file is whole or absent, the run goes on and ends as if never killed`,
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      await runWell("table17", folder, ...RUN, "--run", "straight", "--out", "straight");
      const [{ result: straight }] = await loadResults(`${folder}/straight`);
      const random = randomStream(0, "test");
      let kills = 0, ended = 0, steps = 0;
      // Every round is one run, killed until it ends by itself.
      while (kills < KILLS || steps > 0) {
        const own = `${folder}/${ended}`,
          flags = ["--run", `${ended}/runs`, "--out", `${ended}/results`, "--every", "0"];
        const moment = kills < KILLS ? random.uniform() * LONGEST : undefined;
        const { signal, code, err } = await killed(spawn("table17", folder, [...RUN, "--resume", ...flags]), moment);
        const now = await stepsDone(`${own}/runs/vitfreeze-seed0`);
        const results = (await filesBelow(`${own}/results`)).filter((name) => name.endsWith(".json"));
        if (signal === "SIGKILL") {
          kills++;
          const over = (await filesBelow(`${own}/runs`)).includes("vitfreeze-seed0/result.json");
          assertTrue(now >= steps || over, `${now} steps are kept, there were ${steps}`);
          assertTrue(results.length <= 1, `${results.length} results of one run`);
          steps = now;
          continue;
        }
        assertEqual([code, results.length], [0, 1], err);
        const [{ result: { weights, evaluation, events } }] = await loadResults(`${own}/results`);
        assertEqual([weights, evaluation, events], [straight.weights, straight.evaluation, straight.events]);
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

/** Waits for a process, and kills it after so many milliseconds. */
async function killed(child: Deno.ChildProcess, moment?: number) {
  const timer = moment === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), moment);
  const { signal, code, stderr } = await child.output();
  clearTimeout(timer);
  return { signal, code, err: new TextDecoder().decode(stderr) };
}
