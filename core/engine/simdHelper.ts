// A thread that takes part in an update: it sleeps until a table of jobs is there, runs it, and says so.

import { runTable, type SimdExports } from "./simdJobs.ts";
import { DONE, type HelperStart, JOBS, READY, STOP } from "./simdThread.ts";

self.onmessage = async ({ data }: MessageEvent<HelperStart>) => {
  const { module, memory, control, table } = data;
  const instance = await WebAssembly.instantiate(module, { host: { memory } });
  let round = 0;
  self.postMessage("ready");
  while (true) {
    Atomics.wait(control, READY, round);
    round = Atomics.load(control, READY);
    const jobs = Atomics.load(control, JOBS);
    if (jobs === STOP) return self.close();
    runTable(instance.exports as unknown as SimdExports, table, jobs);
    Atomics.store(control, DONE, round);
    Atomics.notify(control, DONE);
  }
};
