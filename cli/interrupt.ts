/** Thrown into a run by Ctrl-C. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** Exit code of a program ended by Ctrl-C: 128 + SIGINT. */
export const INTERRUPTED_EXIT = 130;

/** An abort signal that Ctrl-C sets; a second Ctrl-C ends the process at once. */
export function interruptSignal(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) Deno.exit(INTERRUPTED_EXIT);
    controller.abort(new Interrupted("interrupted"));
  };
  Deno.addSignalListener("SIGINT", listener);
  return { signal: controller.signal, release: () => Deno.removeSignalListener("SIGINT", listener) };
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
