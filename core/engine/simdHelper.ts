// A thread that takes part in an update: it sleeps until a table of jobs is there, runs it, and says so.

import { bankKernels, runTable } from "./simdJobs.ts";
import { DONE, type HelperStart, JOBS, READY, STOP } from "./simdThread.ts";

self.onmessage = async ({ data }: MessageEvent<HelperStart>) => {
  const { module, memories, control, table } = data, banks = await bankKernels(module, memories);
  let round = 0;
  self.postMessage("ready");
  while (true) {
    Atomics.wait(control, READY, round);
    round = Atomics.load(control, READY);
    const jobs = Atomics.load(control, JOBS);
    if (jobs === STOP) return self.close();
    runTable(banks, table, jobs);
    Atomics.store(control, DONE, round);
    Atomics.notify(control, DONE);
  }
};
