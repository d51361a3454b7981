import { parseDuration } from "./durations.ts";

/** What a line of a training log says; epochs are the printed numbers, times are in seconds. */
export type LogLine =
  | Progress
  | { kind: "wall"; epoch: number; of: number | null; seconds: number }
  | { kind: "steps"; seconds: number }
  | { kind: "averaged"; lr: number | null; lossLast: number; lossMean: number }
  | { kind: "accuracy"; top1: number; top5: number; loss: number }
  | { kind: "training"; seconds: number }
  | { kind: "nonFinite"; value: string }
  | { kind: "traceback" }
  | EpochRecord;

/** A line that is printed every 20 or 50 iterations. */
export interface Progress {
  kind: "progress";
  epoch: number;
  /** The number of epochs beside it, as in [3/12]; null where there is none. */
  of: number | null;
  /** The printed iteration; MAE and LocalMIM count from 0, ViTFreeze from 1. */
  iteration: number;
  iterations: number;
  lr: number | null;
  /** Median of the last 20 iterations, of all processes' rank 0. */
  loss: number;
  /** Means of the last 20 iterations. */
  time: number;
  data: number;
}

/** A whole epoch in one line of JSON, as in MAE's log.txt. */
export interface EpochRecord {
  kind: "epoch";
  epoch: number;
  /** Mean over the epoch. */
  lr: number | null;
  lossMean: number;
  top1: number | null;
  top5: number | null;
  testLoss: number | null;
}

const NUMBER = String.raw`(-?(?:nan|inf|[\d.]+(?:e[-+]?\d+)?))`;
const PROGRESS = /Epoch: \[\s*(\d+)(?:\/(\d+))?\]\s+\[\s*(\d+)\/(\d+)\]\s/;
const TIMES = /\stime: ([\d.]+)\s+data: (\d+\.\d{4})(?:\s+\w+(?: \w+)?: [\d.]+(?: ?[KMGT]?i?B)?){0,8}\s*$/;
const LR = new RegExp(String.raw`\blr: ${NUMBER}(?:\s|$)`);
const LOSS = new RegExp(String.raw`\bloss: ${NUMBER} \(${NUMBER}\)`);
const WALL = /Epoch: \[\s*(\d+)(?:\/(\d+))?\] Total time: (.{1,60}?) \([\d.]+ s \/ it\)\s*$/;
const ACCURACY = new RegExp(String.raw`\* Acc@1 (\d+\.\d+) Acc@5 (\d+\.\d+) loss ${NUMBER}\s*$`);
const NON_FINITE = /Loss is (-?(?:nan|inf)), stopping training/;

/** Reads one line, whatever stands before its message; undefined when it says nothing about the training. */
export function parseLine(text: string): LogLine | undefined {
  const json = text.indexOf('{"');
  if (json >= 0) return epochRecord(text.slice(json));
  if (text.includes("Epoch: [")) return progress(text) ?? wall(text);
  if (text.includes("True time ")) return timed("steps", text.split("True time ")[1]);
  if (text.includes("Training time ")) return timed("training", text.split("Training time ")[1]);
  if (text.includes("Averaged stats:")) return averaged(text.split("Averaged stats:")[1]);
  if (text.includes("* Acc@1 ")) return accuracy(text);
  if (text.includes("Traceback (most recent call last)")) return { kind: "traceback" };
  const value = NON_FINITE.exec(text)?.[1];
  return value === undefined ? undefined : { kind: "nonFinite", value };
}

/** A number as Python prints it: nan and inf included. */
function number(text: string): number {
  return text.endsWith("inf") ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
}

function progress(text: string): Progress | undefined {
  const place = PROGRESS.exec(text), times = TIMES.exec(text), loss = LOSS.exec(text), lr = LR.exec(text);
  if (!place || !times || !loss) return undefined;
  const [epoch, of, iteration, iterations] = place.slice(1).map((text) => text === undefined ? null : Number(text));
  if (epoch === null || iteration === null || !iterations || iteration > iterations) return undefined;
  return {
    kind: "progress",
    epoch,
    of,
    iteration,
    iterations,
    lr: lr && number(lr[1]),
    loss: number(loss[1]),
    time: Number(times[1]),
    data: Number(times[2]),
  };
}

function wall(text: string): LogLine | undefined {
  const found = WALL.exec(text), seconds = found && parseDuration(found[3]), of = found?.[2] ? Number(found[2]) : null;
  return found && seconds !== null ? { kind: "wall", epoch: Number(found[1]), of, seconds } : undefined;
}

function timed(kind: "steps" | "training", text: string): LogLine | undefined {
  const seconds = parseDuration(text);
  return seconds === null ? undefined : { kind, seconds };
}

function averaged(text: string): LogLine | undefined {
  const loss = LOSS.exec(text), lr = LR.exec(text);
  return loss
    ? { kind: "averaged", lr: lr && number(lr[1]), lossLast: number(loss[1]), lossMean: number(loss[2]) }
    : undefined;
}

function accuracy(text: string): LogLine | undefined {
  const found = ACCURACY.exec(text);
  return found
    ? { kind: "accuracy", top1: Number(found[1]), top5: Number(found[2]), loss: number(found[3]) }
    : undefined;
}

/** Python writes NaN and Infinity into JSON as bare words; they become texts that `number` reads. */
function epochRecord(text: string): EpochRecord | undefined {
  const record = parseJson(
    text.replace(
      /(": *)(-?)(NaN|Infinity)\b/g,
      (_, key, sign, word) => `${key}"${sign}${word === "NaN" ? "nan" : "inf"}"`,
    ),
  );
  const value = (key: string): number | null => {
    const found = record[key];
    return typeof found === "number" ? found : typeof found === "string" ? number(found) : null;
  };
  const epoch = value("epoch"), lossMean = value("train_loss");
  if (epoch === null || !Number.isInteger(epoch) || epoch < 0 || lossMean === null) return undefined;
  return {
    kind: "epoch",
    epoch,
    lr: value("train_lr"),
    lossMean,
    top1: value("test_acc1"),
    top5: value("test_acc5"),
    testLoss: value("test_loss"),
  };
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // some other program's line, or a cut one
  }
}
