import { terminalColumns } from "./columns.ts";

/** Shows how far a long run is: a bar that redraws itself on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  /**
   * @param label what is going on, e.g. "ViTFreeze seed 0  pretrain"
   * @param done share of the whole, in [0, 1]
   * @param details short facts, e.g. "loss 0.271"
   */
  show(label: string, done: number, details: string[]): void;
  /** Leaves the last state on the screen and goes to a new line. */
  end(): void;
}

/** The display of a process that shows nothing. */
export const NO_PROGRESS: Progress = { show: () => {}, end: () => {} };

/** Where a progress display goes. */
export interface ProgressOutput {
  /** Milliseconds of a clock. */
  now: () => number;
  /** Whether a terminal shows it. */
  terminal: boolean;
  /** Characters in a line of the terminal; 0 when it does not say. */
  columns: () => number;
  write: (text: string) => void;
}

/** Characters of the bar, by the room there is. */
const BARS = [24, 12, 6];
/** Milliseconds between two redraws of the bar, and between two plain lines. */
const REDRAW = 100, LINE = 10_000;
/** What has to be done before the rest is estimated: the first steps are slow. */
const ENOUGH = 0.002;
/** For a terminal that does not tell its width. */
const USUAL_COLUMNS = 80;

/** Writes as far as anybody reads: no run depends on a terminal that was closed. */
function writeToTerminal(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // it is lost
  }
}

const stderr: ProgressOutput = {
  now: () => performance.now(),
  terminal: Deno.stderr.isTerminal(),
  columns: terminalColumns,
  write: writeToTerminal,
};

/** "1 h 05 min", "4 min 10 s", "12 s". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  if (hours) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return minutes ? `${minutes} min ${String(whole % 60).padStart(2, "0")} s` : `${whole} s`;
}

/** Makes a progress display; on stderr unless told otherwise, so that stdout holds results only. */
export function createProgress({ now, terminal, columns, write }: ProgressOutput = stderr): Progress {
  let first: { time: number; done: number } | undefined;
  let last = -Infinity, lastLabel = "", drawn = false;
  return {
    show(label, done, details) {
      const time = now();
      first ??= { time, done };
      if (label === lastLabel && time - last < (terminal ? REDRAW : LINE) && done < 1) return;
      last = time;
      lastLabel = label;
      const rate = (done - first.done) / (time - first.time);
      const eta = done - first.done > ENOUGH ? duration((1 - done) / rate / 1000) : "…";
      const percent = `${(100 * done).toFixed(0).padStart(3)} %`;
      if (!terminal) return write(`${[label, percent, ...details, `ETA ${eta}`].join("  ")}\n`);
      const line = (bar: number, count: number) =>
        [label, ...drawBar(bar, done), percent, ...details.slice(0, count), `ETA ${eta}`].join("  ");
      write(`\r${longest(line, details.length, (columns() || USUAL_COLUMNS) - 1)}\x1b[K`);
      drawn = true;
    },
    end() {
      if (drawn) write("\n");
      drawn = false;
    },
  };
}

function drawBar(length: number, done: number): string[] {
  const full = Math.round(length * done);
  return length ? ["█".repeat(full) + "░".repeat(length - full)] : [];
}

/**
 * The fullest line that fits, lest the terminal goes to a new one: the bar becomes short, then the last details are given up,
 * then the bar.
 */
function longest(line: (bar: number, details: number) => string, details: number, room: number): string {
  const lines = BARS.map((bar) => line(bar, details));
  for (let count = details - 1; count >= 0; count--) lines.push(line(BARS[BARS.length - 1], count));
  lines.push(line(0, 0));
  return lines.find(({ length }) => length <= room) ?? lines[lines.length - 1].slice(0, room);
}
