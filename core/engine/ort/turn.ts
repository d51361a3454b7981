/** What runs on the device at the moment. */
let running: Promise<void> | undefined;

/**
 * Runs work on the device on a thread of its own, when nothing else does: its library mixes up the commands of two threads.
 *
 * @param before is done right before it begins, e.g. copies of what it reads
 */
export async function inTurn(before: () => void, run: () => Promise<void>): Promise<void> {
  while (running) await running.catch(() => {});
  before();
  running = run();
  try {
    await running;
  } finally {
    running = undefined;
  }
}

/** Fails with a RangeError where something runs on the device, on another thread. */
export function assertIdle(): void {
  if (running) throw new RangeError("Cannot use the device: a step is under way on it, want it awaited first");
}
