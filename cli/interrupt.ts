/** Thrown into a run by Ctrl-C and its like. */
export class Interrupted extends Error {
  override name = "Interrupted";

  constructor(readonly signal: StopSignal) {
    super(`stopped by ${signal}`);
  }
}

/**
 * Exit codes by signal: 128 and its number; SIGUSR1 and SIGUSR2, by which schedulers warn, give EX_TEMPFAIL: start me
 * again.
 */
export const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGUSR1: 75, SIGUSR2: 75, SIGXCPU: 152 };
/** A signal that stops a run. */
export type StopSignal = keyof typeof EXIT_CODES;

/** Exit code of a program that a signal has ended. */
export function exitCode({ signal }: Interrupted): number {
  return EXIT_CODES[signal];
}

/**
 * Milliseconds in which a second signal is the same wish: terminals and schedulers tell a program and its child, and the
 * program passes on what it is told.
 */
const SAME_WISH = 1000;

/** The signals that stop a run here. */
export function heededSignals(): StopSignal[] {
  return Deno.build.os === "windows" ? ["SIGINT"] : ["SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGXCPU"];
}

/** What stops a run. */
export interface InterruptControl {
  /** Is set with an {@link Interrupted} as its reason. */
  signal: AbortSignal;
  /** Stops the run as if this signal had come. */
  stop(name: StopSignal): void;
  /** Takes the listeners away. */
  release(): void;
}

/**
 * A control that Ctrl-C, SIGTERM, SIGUSR1, SIGUSR2, the end of the terminal (SIGHUP) and of the time of the processor
 * (SIGXCPU) set off; when one comes again later, the process ends at once. The system repeats SIGXCPU every second: that is
 * no new wish.
 */
export function interruptSignal(): InterruptControl {
  const controller = new AbortController();
  let first = Infinity;
  const names = heededSignals();
  const listeners = names.map((name) => {
    const listener = () => {
      if (name === "SIGHUP") speakWithoutTerminal();
      if (name === "SIGXCPU" && controller.signal.aborted) return;
      if (performance.now() - first > SAME_WISH) Deno.exit(EXIT_CODES[name]);
      if (controller.signal.aborted) return;
      first = performance.now();
      controller.abort(new Interrupted(name));
    };
    Deno.addSignalListener(name, listener);
    return () => Deno.removeSignalListener(name, listener);
  });
  if (Deno.build.os !== "windows") {
    const fail = () => {}; // listening, lest a limit to the size of files ends the process: the write fails with one line
    Deno.addSignalListener("SIGXFSZ", fail);
    listeners.push(() => Deno.removeSignalListener("SIGXFSZ", fail));
  }
  return {
    signal: controller.signal,
    stop: (name) => controller.abort(new Interrupted(name)),
    release: () => listeners.forEach((remove) => remove()),
  };
}

/** Lets the console pass over what can no longer be shown: the run has to be saved, terminal or not. */
function speakWithoutTerminal(): void {
  for (const name of ["log", "error"] as const) {
    const print = console[name].bind(console);
    console[name] = (...words) => {
      try {
        print(...words);
      } catch {
        // the terminal is gone
      }
    };
  }
}

/** The outcome of a promise, or the abort if that comes first. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  const aborted = Promise.withResolvers<never>();
  const reject = () => aborted.reject(signal.reason);
  if (signal.aborted) reject();
  signal.addEventListener("abort", reject);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", reject);
    aborted.promise.catch(() => {});
  }
}
