import { cardOf } from "../../cli/device.ts";
import { readWhole, writeWhole } from "../../cli/files.ts";
import { exitCode, Interrupted, interruptSignal } from "../../cli/interrupt.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import type { Context, Measured } from "./context.ts";
import { benchSvg } from "./drawing.ts";
import { commandText, machine, versions } from "./facts.ts";
import { type Command, type Item, parseCommand } from "./flags.ts";
import { factLines } from "./format.ts";
import { measureCard } from "./items/card.ts";
import { measureBlocks } from "./items/blocks.ts";
import { measureConvnets } from "./items/convnets.ts";
import { measureData } from "./items/data.ts";
import { measureFreeze } from "./items/freeze.ts";
import { measureHog } from "./items/hog.ts";
import { measureMethods } from "./items/methods.ts";
import { measureRanks } from "./items/ranks.ts";
import { measureReport } from "./items/report.ts";
import { measureStep } from "./items/step.ts";
import { measureViews } from "./items/views.ts";
import { benchMarkdown } from "./markdown.ts";
import { type Bench, benchSchema } from "./model.ts";
import { Peer } from "./peer.ts";
import { benchText } from "./table.ts";

const MEASURES: Record<Item, (context: Context) => Promise<Measured>> = {
  hog: measureHog,
  step: measureStep,
  freeze: measureFreeze,
  blocks: measureBlocks,
  convnets: measureConvnets,
  methods: measureMethods,
  views: measureViews,
  data: measureData,
  report: measureReport,
  ranks: measureRanks,
  card: measureCard,
};

/** Load from which a machine counts as busy. */
const BUSY = 0.5;

/**
 * Measures what training costs on this machine, beside PyTorch where a Python with it is named.
 *
 * @param args the command line
 * @returns the exit code
 */
export async function main(args: string[]): Promise<number> {
  const command = parseCommand(args);
  await checkFiles(command);
  if (command.from !== undefined) {
    const bench = await readBench(command.from);
    console.log([...factLines(bench), "", benchText(bench)].join("\n"));
    await writeFiles(command, bench);
    return 0;
  }
  const { signal, release } = interruptSignal();
  try {
    const bench = await measure(command, commandText(args), signal);
    console.log(benchText(bench));
    await writeFiles(command, bench);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    console.error(error instanceof Interrupted ? "interrupted; nothing was written" : String(error));
    return exitCode(signal.reason);
  } finally {
    release();
  }
}

async function measure(command: Command, words: string, signal: AbortSignal): Promise<Bench> {
  const { settings, jpegs, peerPython: python } = command, card = cardOf(command.device);
  const startPeer = python === undefined
    ? undefined
    : (batch: number) => Peer.start({ python, threads: settings.threads, batch });
  const bench: Bench = {
    kind: "vitfreeze.bench",
    schemaVersion: 1,
    start: new Date().toISOString(),
    command: words,
    settings,
    machine: machine(),
    versions: { ...versions(), ...(card && { card: `${card.title}, ${card.describe() ?? "not named"}` }) },
    peer: startPeer ? await peerFacts(await startPeer(settings.batch)) : null,
    entries: [],
    freeze: null,
  };
  console.log([...factLines(bench), ""].join("\n"));
  if (bench.machine.load > BUSY) {
    console.error("warning: other programs keep the cores busy; times and ratios are those of a busy machine");
  }
  for (const item of settings.items) {
    console.error(`${item} …`);
    const measured = await MEASURES[item]({
      settings,
      jpegs,
      ...(card && { card }),
      startPeer,
      signal,
      say: console.error,
    });
    bench.entries.push(...measured.entries);
    bench.freeze ??= measured.freeze ?? null;
    if (measured.ranks) bench.ranks = measured.ranks;
    if (measured.views) bench.views = measured.views;
  }
  return bench;
}

async function peerFacts(peer: Peer): Promise<Bench["peer"]> {
  await peer.stop();
  return peer.facts;
}

/**
 * Reads what an earlier run measured.
 *
 * @throws {UserError} when it is no such file
 */
export async function readBench(path: string): Promise<Bench> {
  const text = new TextDecoder().decode(await readWhole(path)), wanted = "want the JSON of deno task bench";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`Cannot read ${path}: it is no JSON, ${wanted}`);
  }
  const parsed = benchSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: place, message } = parsed.error.issues[0];
  throw new UserError(`Cannot read ${path}: ${place.join(".") || "the whole"}: ${message}, ${wanted}`);
}

/** Finds out before minutes are spent whether the files can be written. */
async function checkFiles({ json, svg, markdown }: Command): Promise<void> {
  for (const path of [json, svg, markdown]) {
    if (path === undefined) continue;
    const there = await Deno.stat(path).catch(() => undefined);
    if (there?.isDirectory) throw new UserError(`Cannot write ${path}: it is a folder, want a file`);
    const probe = `${path}.tmp-probe`;
    await writeWhole(probe, "");
    await Deno.remove(probe);
  }
}

async function writeFiles({ json, svg, markdown }: Command, bench: Bench): Promise<void> {
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(bench, null, 2)}\n`);
  if (svg !== undefined) await writeWhole(svg, benchSvg(bench));
  if (markdown !== undefined) await writeWhole(markdown, benchMarkdown(bench));
}

if (import.meta.main) await runMain(main);
