import type { Draft } from "./draft.ts";
import type { Line } from "./lines.ts";
import type { Merged } from "./merge.ts";
import type { LogStart } from "./model.ts";

/** What was read of a log so far. */
export interface LogState {
  /** Processes that print into the log, as far as they can be told apart. */
  processes: number;
  /** How the lines of processes without a sign became those of one; null where there was one. */
  merged: Merged | null;
  starts: LogStart[];
  /** The run that counts. */
  draft: Draft;
  /** The first number of an epoch, e.g. "5/12", where nothing tells whether epochs count from 0 or from 1; else null. */
  unknownBase: string | null;
  form: "text" | "json lines";
  lines: number;
  /** Lines that say something about a training. */
  known: number;
  /** The first line that says something and cannot be read; null when there is none. */
  unread: string | null;
  /** Lines that were too long. */
  clipped: number;
  /** The last line when no line break ends it, and whether it could be read all the same. */
  cut: { line: number; used: boolean } | null;
  /** Lines where a namespace begins that cannot be read. */
  unreadable: number[];
}

/** Reads a log line by line. */
export interface LogReader {
  /** @throws {UserError} when the log has more starts or epochs than fit into memory */
  read(line: Line): void;
  state(): LogState;
}
