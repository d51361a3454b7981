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

const BAR = 24;
/** Milliseconds between two redraws of the bar, and between two plain lines. */
const REDRAW = 100, LINE = 10_000;

/** "1 h 05 min", "4 min 10 s", "12 s". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  if (hours) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return minutes ? `${minutes} min ${String(whole % 60).padStart(2, "0")} s` : `${whole} s`;
}

/**
 * Makes a progress display on stderr, so that stdout holds results only.
 *
 * @param now milliseconds of a clock, e.g. performance.now
 * @param terminal whether stderr is one
 * @param write where the text goes
 */
export function createProgress(
  now = () => performance.now(),
  terminal = Deno.stderr.isTerminal(),
  write = (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
): Progress {
  const start = now();
  let last = -Infinity, lastLabel = "", drawn = false;
  return {
    show(label, done, details) {
      const time = now(), elapsed = (time - start) / 1000;
      if (label === lastLabel && time - last < (terminal ? REDRAW : LINE) && done < 1) return;
      last = time;
      lastLabel = label;
      const eta = done > 0.002 ? `ETA ${duration(elapsed / done - elapsed)}` : "ETA …";
      const facts = [`${(100 * done).toFixed(0).padStart(3)} %`, ...details, eta].join("  ");
      if (!terminal) return write(`${label}  ${facts}\n`);
      const full = Math.round(BAR * done), bar = "█".repeat(full) + "░".repeat(BAR - full);
      const { columns } = Deno.consoleSize();
      write(`\r\x1b[K${`${label}  ${bar} ${facts}`.slice(0, columns - 1)}`);
      drawn = true;
    },
    end() {
      if (drawn) write("\n");
      drawn = false;
    },
  };
}
