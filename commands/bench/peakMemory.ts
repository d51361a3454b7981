// Trains a few steps and prints the process's peak memory in bytes; Linux only. Arguments: threads, batch.
import { Trainer } from "./trainer.ts";

/** Steps after which the peak has been reached: the second has all moments written, and reuses what the first allocated. */
const STEPS = 2;

/** The peak of the resident memory in bytes, by /proc/self/status. */
export function peakBytes(status: string): number {
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new RangeError("Cannot read the peak memory: found no VmHWM, want one");
  return Number(kilobytes) * 1024;
}

if (import.meta.main) {
  const [threads, batch] = Deno.args.map(Number);
  using trainer = await Trainer.create(threads, batch);
  const ready = await trainer.ready(0, "cut");
  for (let i = 0; i < STEPS; i++) await trainer.step(ready);
  console.log(peakBytes(await Deno.readTextFile("/proc/self/status")));
}
