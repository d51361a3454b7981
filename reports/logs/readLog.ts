import { UserError } from "../../core/errors.ts";
import { BrokenStream, logBytes } from "./bytes.ts";
import { isComplete } from "./draft.ts";
import { createLineSplitter } from "./lines.ts";
import type { ParsedLog } from "./model.ts";
import { createLogReader } from "./logReader.ts";
import type { LogReader, LogState } from "./state.ts";
import { logWarnings } from "./warnings.ts";

/**
 * Reads a training log of LocalMIM, ViTFreeze or MAE, plain or gzip, or MAE's log.txt. The memory it takes is bounded,
 * whatever the size of the file and of its lines.
 *
 * @throws {UserError} when the file cannot be read, is cut off inside its gzip stream, is no training log, or holds no
 * finished epoch
 */
export async function readLog(path: string): Promise<ParsedLog> {
  const reader = createLogReader();
  try {
    return await parseLog(logBytes(path), reader);
  } catch (error) {
    if (error instanceof BrokenStream) {
      const { draft } = reader.state();
      const epochs = many(draft.epochs.length, "finished epoch");
      throw new UserError(`Cannot read ${path}: its gzip stream ${error.message} after ${epochs}, want it whole`);
    }
    throw error instanceof NotALog ? new UserError(`Cannot import ${path}: ${error.message}`) : error;
  }
}

/** Characters of a line that are quoted. */
const QUOTED = 60;

/** The text holds no training log, or nothing that could be used. */
export class NotALog extends Error {
  override name = "NotALog";
}

/**
 * Reads the bytes of a log; chunks of any size give the same.
 *
 * @throws {NotALog} when they are no training log, or no epoch is finished
 */
export async function parseLog(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  reader: LogReader = createLogReader(),
): Promise<ParsedLog> {
  const splitter = createLineSplitter();
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    for (const line of splitter.push(chunk)) reader.read(line);
  }
  const rest = splitter.end();
  if (rest) reader.read(rest);
  return finished(reader.state(), bytes);
}

function finished(state: LogState, bytes: number): ParsedLog {
  const { draft, starts, form, lines } = state;
  if (state.known === 0) {
    const read = many(lines, "line");
    throw new NotALog(
      `no line of a training log in ${read}${
        unreadText(state, ", the first is")
      }, want the output of LocalMIM, ViTFreeze or MAE`,
    );
  }
  if (draft.epochs.length === 0) throw new NotALog(`no epoch was finished; ${lastSeen(state)}`);
  const { args, epochs, iterations, trainingSeconds, nonFinite } = draft;
  const run = {
    args,
    epochs,
    series: draft.series.upTo(),
    iterations,
    trainingSeconds,
    complete: isComplete(draft),
    nonFinite,
  };
  return { lines, bytes, form, processes: state.processes, starts, run, warnings: logWarnings(state) };
}

function unreadText({ unread }: LogState, before: string): string {
  return unread === null ? "" : `${before} '${shortened(unread)}'`;
}

function lastSeen(state: LogState): string {
  const { starts } = state;
  const last = starts.at(-1);
  const end = last?.end === "traceback" ? "the program ended with a traceback" : "the log ends";
  if (last?.end === "loss not finite") return "the loss was no finite number";
  if (!last?.reached) {
    return `${end} before the first iteration${unreadText(state, "; the first line that is not read is")}`;
  }
  const { epoch, done, iterations } = last.reached;
  return `${end} in epoch ${epoch}, after ${done} of ${iterations} iterations`;
}

function shortened(text: string): string {
  const chars = Array.from(text.trim().slice(0, 4 * QUOTED));
  return chars.length > QUOTED ? `${chars.slice(0, QUOTED).join("")}…` : chars.join("");
}

function many(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
