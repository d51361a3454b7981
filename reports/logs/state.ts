import type { Draft } from "./draft.ts";
import type { Line } from "./lines.ts";
import type { LogStart } from "./model.ts";

/** What was read of a log so far. */
export interface LogState {
  /** Processes that print into the log, as far as they can be told apart. */
  processes: number;
  starts: LogStart[];
  /** The run that counts. */
  draft: Draft;
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
