// Runs Table 17 of the thesis at one scale and prints it beside the published one.
//
//   deno task repro:table17 [--profile laptop] [--rows localmim,vitfreeze] [--seeds N] [--data PATH] [--json]

import { relative } from "node:path";
import { stringify } from "yaml";
import { createProgress, duration } from "../../cli/progress.ts";
import { Interrupted, INTERRUPTED_EXIT, interruptSignal, unlessAborted } from "../../cli/interrupt.ts";
import { runMain } from "../../cli/main.ts";
import { saveResult } from "../../reports/results/store.ts";
import type { RowKey } from "../../reports/results/schema.ts";
import { loadTable17 } from "../../reports/table17/sources.ts";
import { table17Text } from "../../reports/table17/text.ts";
import type { Monitor } from "../training/monitor.ts";
import { codeHashes } from "../training/identity.ts";
import { ROWS } from "./config.ts";
import { type Command, parseCommand } from "./flags.ts";
import { checkWritable, createEngine, openData, runProgress } from "./setup.ts";
import { predictCost } from "./predict.ts";
import { runRow } from "./run.ts";
import { type Saved, summary } from "./summary.ts";

async function main(args: string[]): Promise<number> {
  const command = parseCommand(args);
  const say = (text: string) => command.json || console.log(text);
  await checkWritable(command.out);
  const { signal, release } = interruptSignal(), progress = createProgress();
  const saved: Saved[] = [];
  let saving: Promise<unknown> = Promise.resolve();
  try {
    await unlessAborted(signal, runAll(command, say, progress, { signal }, saved, (work) => saving = work));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    progress.end();
    await saving;
    const kept = saved.map(({ path, result }) => `${path} (${ROWS[result.row].label}, seed ${result.seed})`);
    console.error(`interrupted; ${kept.length ? `kept: ${kept.join(", ")}` : "no row was finished, nothing was kept"}`);
    return INTERRUPTED_EXIT;
  } finally {
    progress.end();
    release();
  }
  const { published } = await loadTable17();
  say(`\n${table17Text(published, saved.map(({ result }) => result))}\n`);
  say(
    "The published columns are ViT-B on ImageNet-1K; read the time ratios and the order of the rows, not the values.",
  );
  say(`Results: ${saved.map(({ path }) => path).join("\n         ")}`);
  say("deno task report renders them beside the published table; deno task verify checks their hashes.");
  if (command.json) console.log(JSON.stringify(summary(command, saved), null, 2));
  return 0;
}

/** Runs every wanted row with every seed; finished runs are saved at once. */
async function runAll(
  command: Command,
  say: (text: string) => void,
  progress: ReturnType<typeof createProgress>,
  { signal }: Pick<Monitor, "signal">,
  saved: Saved[],
  guard: (work: Promise<unknown>) => void,
): Promise<void> {
  const { profile, config, rows, seeds, out } = command;
  const engine = createEngine(command), dataset = await openData(command), hashes = await codeHashes();
  say(`Table 17, profile ${profile}: rows ${rows.join(", ")}; seeds ${seeds.join(", ")}`);
  const { name, version, threads } = { ...engine.info };
  say(`engine ${name} (${engine.info.backend} ${version}, ${threads} threads)`);
  const left = dataset.skipped ? `, ${dataset.skipped} unreadable images left out` : "";
  const { train, test, classes } = dataset;
  say(
    `data ${dataset.name}: ${train.length} training and ${test.length} test images, ${classes.length} classes${left}\n`,
  );
  say(stringify(config, { flowCollectionPadding: false, collectionStyle: "any" }));
  if (profile === "paper" || command.predict) {
    const { secondsPerImage, rows: predicted } = await predictCost(config, rows, dataset, engine);
    const lines = Object.entries(predicted).map(([row, s]) => `  ${ROWS[row as RowKey].label}: ${duration(s)}`);
    const rates = `${(1 / secondsPerImage.pretrain).toFixed(2)} and ${
      (1 / secondsPerImage.finetune).toFixed(2)
    } images/s`;
    say(`Predicted cost on this machine, per seed (pre-training and fine-tuning at ${rates}):\n${lines.join("\n")}\n`);
    if (command.predict) return;
  }
  const runs = seeds.flatMap((seed) => rows.map((row) => ({ seed, row })));
  for (const [index, { seed, row }] of runs.entries()) {
    const step = runProgress(progress, `${ROWS[row].label} seed ${seed}`, index / runs.length, 1 / runs.length, config);
    const result = await runRow({ profile, config, row, seed, dataset, engine, hashes, monitor: { signal, step } });
    const saving = saveResult(out, result);
    guard(saving);
    const { id, path } = await saving;
    saved.push({ id, path: relative(Deno.cwd(), path), result });
  }
}

if (import.meta.main) await runMain(main);
