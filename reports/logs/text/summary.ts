import { duration } from "../../../cli/progress.ts";
import type { LogEpoch, LogStart, ParsedLog } from "../model.ts";
import type { Freezing, Recipe } from "../recipe.ts";
import { type Fact, plain } from "./layout.ts";

/** Starts that are listed; of more, the last ones. */
const LISTED = 6;

/** What a recipe says. */
export function recipeFacts(recipe: Recipe): Fact[] {
  const { model, epochs, warmupEpochs, batch, accumulated, processes, lr, minLr } = recipe;
  const each = batch / accumulated / processes, shared = processes === 1 ? "1 process" : `${processes} processes`;
  return [
    ["model", plain(model) || "not named"],
    ["recipe", `${epochs} epochs, ${warmupEpochs} of them warm-up; LR ${lr}, then a cosine down to ${minLr}`],
    ["batch", `${batch} = ${each} x ${accumulated} accumulated x ${shared}`],
    ["freezing", recipe.freezing ? freezingText(recipe.freezing) : "none"],
  ];
}

function freezingText({ t0, power, scaled, patchEmbed }: Freezing): string {
  const shape = { 1: "linear", 2: "squared", 3: "cubic" }[power];
  const parts = [`t0 = ${t0}`, shape, scaled ? "scaled" : "unscaled", patchEmbed ? "" : "from block 1 on"];
  return parts.filter(Boolean).join(", ");
}

/** What a log holds, and what came out. */
export function logFacts(log: ParsedLog): Fact[] {
  const { epochs, complete, iterations } = log.run;
  const range = `epochs ${epochs[0].epoch} to ${epochs[epochs.length - 1].epoch}`;
  const each = iterations === null ? "" : `, ${iterations} iterations each`;
  return [
    ["log", `${log.lines} lines, ${sizeText(log.bytes)}${processText(log.processes)}`],
    ["run", `${range}${each}${complete === null ? "" : complete ? "; complete" : "; not complete"}`],
    ...startFacts(log.starts),
    ["time", timeText(log)],
    ...resultFacts(epochs),
  ];
}

function processText(processes: number): string {
  return processes === 1 ? "" : `, of ${processes} processes`;
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function startFacts(starts: LogStart[]): Fact[] {
  if (starts.length < 2) return [];
  const lines = starts.slice(-LISTED).map((start): Fact => ["", startText(start)]);
  const hidden = starts.length - lines.length;
  return [["starts", `${starts.length}${hidden ? `, the last ${LISTED} are` : ""}`], ...lines];
}

function startText({ line, epochs, reached, end, counted }: LogStart): string {
  const done = epochs === null
    ? "no epoch"
    : epochs.first === epochs.last
    ? `epoch ${epochs.first}`
    : `epochs ${epochs.first} to ${epochs.last}`;
  const how = {
    finished: "finished",
    traceback: "ended with a traceback",
    "loss not finite": "stopped, its loss not finite",
  };
  const ended = end === "broken off" ? (reached ? `broken off in epoch ${reached.epoch}` : "broken off") : how[end];
  return `line ${line}: ${done}, ${ended}${counted ? "; counts" : ""}`;
}

function timeText({ run, starts }: ParsedLog): string {
  const program = starts.filter(({ counted }) => counted).length > 1 ? "the last start" : "the whole program";
  const hours = (of: (epoch: LogEpoch) => number | null) => {
    const seconds = run.epochs.map(of);
    return seconds.includes(null) ? null : seconds.reduce((sum: number, value) => sum + (value ?? 0), 0) / 3600;
  };
  const wall = hours(({ wallSeconds }) => wallSeconds), steps = hours(({ stepSeconds }) => stepSeconds);
  const data = hours(({ dataSeconds }) => dataSeconds);
  const parts = [
    wall === null ? "" : `${wall.toFixed(2)} h in the epochs`,
    steps === null ? "" : `${steps.toFixed(2)} h inside the steps`,
    data === null ? "" : `about ${data.toFixed(2)} h waiting for data`,
    run.trainingSeconds === null ? "" : `${program} ${duration(run.trainingSeconds)}`,
  ].filter(Boolean);
  return parts.join(", ") || "not logged";
}

function resultFacts(epochs: LogEpoch[]): Fact[] {
  const last = epochs[epochs.length - 1];
  const tested = epochs.filter(({ top1 }) => top1 !== null);
  const ending = last.lossLast === null ? "" : `, ${lossText(last.lossLast)} at its end`;
  const loss: Fact = ["loss", `${lossText(last.lossMean)} in epoch ${last.epoch}${ending}`];
  if (tested.length === 0) return [loss];
  const best = tested.reduce((a, b) => b.top1! > a.top1! ? b : a), final = tested[tested.length - 1];
  return [loss, ["accuracy", `${accuracy(final)}; best ${accuracy(best)}`]];
}

function accuracy({ top1, top5, epoch }: LogEpoch): string {
  return `top-1 ${top1?.toFixed(2)} %, top-5 ${top5?.toFixed(2) ?? "-"} % after epoch ${epoch}`;
}

/** A loss with four decimals; "NaN" and "Infinity" as such. */
export function lossText(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(4) : String(loss);
}
