import { UserError } from "../../core/errors.ts";
import type { RunArgs } from "../sources/authorsSchema.ts";
import { better, continued, type Draft, emptyDraft } from "./draft.ts";
import { type EpochRecord, type LogLine, parseLine, type Progress } from "./lineKinds.ts";
import type { Line } from "./lines.ts";
import { createEpochBase, lowered } from "./epochBase.ts";
import { createMerger } from "./merge.ts";
import type { LogEpoch, LogStart, Reached } from "./model.ts";
import { createNamespaceReader } from "./namespaceReader.ts";
import type { LogReader, LogState } from "./state.ts";

/** The epoch that is being read. */
interface Current extends Reached {
  lr: number | null;
  wallSeconds: number | null;
  stepSeconds: number | null;
  dataSeconds: number;
}

/** Iterations that a printed median or mean covers (the window of MAE's logger). */
const WINDOW = 20;
/** Arguments in which the processes of one command differ. */
const OWN = ["rank", "gpu", "local_rank", "dist_url", "device"];

function sameCommand(a: RunArgs, b: RunArgs): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) =>
    OWN.includes(name) || a[name] === b[name]
  );
}

/** Far beyond any training; keeps a hostile file from filling the memory. */
const MOST_STARTS = 10_000, MOST_EPOCHS = 100_000, MOST_RANKS = 4096;

/** Makes a reader of what one process has printed, or several whose lines cannot be told apart. */
export function createProcessReader(): LogReader {
  const starts: LogStart[] = [], namespaces = createNamespaceReader(), base = createEpochBase();
  let best: Draft | null = null, draft = emptyDraft();
  let start: LogStart | null = null, args: RunArgs | null = null, entered = false;
  let begun = 0, held = false, current: Current | null = null, firstIteration = 0;
  let lines = 0,
    known = 0,
    clipped = 0,
    unread: string | null = null,
    cut: LogState["cut"] = null,
    form: LogState["form"] = "text";

  function begin(line: number): LogStart {
    if (starts.length === MOST_STARTS) throw new UserError(`Cannot read a log of more than ${MOST_STARTS} starts`);
    const made: LogStart = { line, epochs: null, reached: null, end: "broken off", counted: false };
    starts.push(made);
    start = made;
    args = null;
    entered = false;
    current = null;
    return made;
  }

  /** Goes to an epoch, in a new start when it goes back. */
  function enter(epoch: number, done: number, line: number): LogStart {
    const back = current
      ? epoch < current.epoch || (epoch === current.epoch && done < current.done)
      : epoch <= (start?.epochs?.last ?? -1);
    const here = start === null || back ? begin(line) : start;
    if (!entered) {
      best = better(best, draft);
      draft = continued(draft, epoch, args);
      entered = true;
    }
    return here;
  }

  function progress({ epoch, iteration, iterations, lr, loss, time, data }: Progress, line: number): void {
    if (iteration <= 1 && current?.epoch !== epoch) firstIteration = iteration;
    if (iteration === iterations) firstIteration = 1;
    const done = iteration + 1 - firstIteration;
    const here = enter(epoch, done, line);
    if (current?.epoch !== epoch) {
      current = { epoch, done: 0, iterations, lr, wallSeconds: null, stepSeconds: null, dataSeconds: 0 };
    }
    if (done <= current.done) return; // printed by another process too
    current.dataSeconds += data * (done - current.done);
    Object.assign(current, { done, lr });
    here.reached = { epoch, done, iterations };
    draft.iterations = iterations;
    noteLoss(epoch, loss);
    const from = epoch + Math.max(0, done - WINDOW) / iterations, to = epoch + done / iterations;
    draft.series.push({ from, to, lr: lr ?? NaN, loss, stepSeconds: time - data });
  }

  function noteLoss(epoch: number, loss: number | string): void {
    if (Number.isFinite(loss) || draft.nonFinite.at(-1)?.epoch === epoch) return;
    draft.nonFinite.push({ epoch, value: String(loss) });
  }

  function finish(epoch: LogEpoch, here: LogStart): void {
    if (draft.epochs.length === MOST_EPOCHS) {
      throw new UserError(`Cannot read a log of more than ${MOST_EPOCHS} epochs`);
    }
    noteLoss(epoch.epoch, epoch.lossMean);
    draft.epochs.push(epoch);
    draft.origins.push(here);
    here.epochs = { first: here.epochs?.first ?? epoch.epoch, last: epoch.epoch };
    here.reached = null;
    current = null;
  }

  function record({ kind: _, ...values }: EpochRecord, line: number): void {
    form = "json lines";
    const here = enter(values.epoch, 0, line);
    finish({ ...values, lossLast: null, wallSeconds: null, stepSeconds: null, dataSeconds: null }, here);
  }

  function averaged(line: Extract<LogLine, { kind: "averaged" }>): void {
    if (!current || !start) return;
    const { epoch, wallSeconds, stepSeconds, dataSeconds } = current, { lossLast, lossMean } = line;
    const times = { wallSeconds, stepSeconds, dataSeconds };
    const tested = { top1: null, top5: null, testLoss: null };
    finish({ epoch, lr: line.lr ?? current.lr, lossMean, lossLast, ...times, ...tested }, start);
  }

  function understand(line: LogLine, number: number): void {
    if (line.kind === "progress") return progress(line, number);
    if (line.kind === "epoch") return record(line, number);
    if (line.kind === "averaged") return averaged(line);
    if (line.kind === "wall" && current?.epoch === line.epoch) current.wallSeconds = line.seconds;
    if (line.kind === "steps" && current) current.stepSeconds = line.seconds;
    const last = draft.epochs.at(-1);
    if (line.kind === "accuracy" && last && !current && last.epoch === start?.epochs?.last) {
      Object.assign(last, { top1: line.top1, top5: line.top5, testLoss: line.loss });
    }
    if (!start) return;
    if (line.kind === "training") {
      start.end = "finished";
      if (entered) draft.trainingSeconds = line.seconds;
    } else if (start.end === "broken off" && line.kind === "traceback") start.end = "traceback";
    else if (line.kind === "nonFinite") {
      start.end = "loss not finite";
      if (entered) noteLoss(current?.epoch ?? (start.epochs?.last ?? -1) + 1, line.value);
    }
  }

  const merger = createMerger(understand), ranks = new Set<RunArgs[string]>();
  let numbers: number[] = [];

  /** The same command of another process that has begun beside the ones before. */
  function isBeside(found: RunArgs): boolean {
    return args !== null && found.rank !== undefined && !ranks.has(found.rank) && sameCommand(found, args);
  }

  function readNamespace(line: Line): boolean {
    const { begins, belongs, args: found } = namespaces.read(line);
    if (begins) begun = line.number;
    if (begins && !(args && ranks.size > 0 && start?.end === "broken off" && !held)) startAt(line.number);
    if (found) {
      known++;
      if (start && start.line < begun && !isBeside(found)) startAt(begun);
      ranks.add(found.rank ?? null);
      if (typeof found.rank === "number" && numbers.length < MOST_RANKS && !numbers.includes(found.rank)) {
        numbers.push(found.rank);
      }
      if (args === null) args = found;
    }
    return belongs;
  }

  function startAt(line: number): void {
    merger.restart();
    begin(line);
    ranks.clear();
    numbers = [];
    held = false;
  }

  return {
    read(line) {
      lines = line.number;
      if (line.clipped) {
        clipped++;
        return;
      }
      if (readNamespace(line)) return;
      const found = parseLine(line.text);
      if (found) {
        known++;
        held ||= found.kind === "progress" || found.kind === "epoch";
        merger.push(base.read(found), line.number, numbers);
      }
      if (!found && line.text.trim() !== "") unread ??= line.text;
      if (line.cut && line.text.trim() !== "") cut = { line: line.number, used: found !== undefined };
    },
    state() {
      merger.flush();
      const chosen = better(best, draft), origins = new Set(chosen.origins);
      for (const made of starts) made.counted = origins.has(made);
      const fromOne = base.excess(chosen.args?.epochs) === 1;
      return {
        processes: merger.merged()?.processes ?? 1,
        merged: merger.merged(),
        ...(fromOne ? lowered(chosen, starts) : { draft: chosen, starts }),
        unknownBase: base.unknown(),
        form,
        lines,
        known,
        unread,
        clipped,
        cut,
        unreadable: namespaces.unreadable(),
      };
    },
  };
}
