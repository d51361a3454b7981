import { type Job, tableWords, writeJobs } from "./simdJobs.ts";

/** Words of the control block: number of the round wanted, of the round done, and of the jobs in the table. */
export const READY = 0, DONE = 1, JOBS = 2;
/** Stands for the number of jobs when the helper is to end. */
export const STOP = -1;

/** What a helper thread is started with. */
export interface HelperStart {
  module: WebAssembly.Module;
  /** Of each bank. */
  memories: readonly WebAssembly.Memory[];
  control: Int32Array;
  table: Int32Array;
}

/** A helper thread as the thread that it helps sees it. */
export class SimdThread {
  #round = 0;

  private constructor(readonly worker: Worker, readonly control: Int32Array, readonly table: Int32Array) {}

  /**
   * Starts a helper.
   *
   * @param jobs how many jobs a round may have, at most
   */
  static async start(
    module: WebAssembly.Module,
    memories: readonly WebAssembly.Memory[],
    jobs: number,
  ): Promise<SimdThread> {
    const control = new Int32Array(new SharedArrayBuffer(12));
    const table = new Int32Array(new SharedArrayBuffer(4 * tableWords(jobs)));
    const worker = new Worker(new URL("./simdHelper.ts", import.meta.url), { type: "module" });
    const ready = new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(`Cannot start a helper thread: ${event.message}`));
    });
    worker.postMessage({ module, memories, control, table } satisfies HelperStart);
    await ready;
    return new SimdThread(worker, control, table);
  }

  /** Hands over jobs; `wait` tells when they are done. */
  begin(jobs: readonly Job[]): void {
    writeJobs(this.table, jobs);
    Atomics.store(this.control, JOBS, jobs.length);
    Atomics.store(this.control, READY, ++this.#round);
    Atomics.notify(this.control, READY);
  }

  /** Returns when the jobs last handed over are done. */
  wait(): void {
    for (let done; (done = Atomics.load(this.control, DONE)) !== this.#round;) Atomics.wait(this.control, DONE, done);
  }

  /** Ends the thread. It is woken for that: a thread that sleeps can not be ended from outside. */
  dispose(): void {
    Atomics.store(this.control, JOBS, STOP);
    Atomics.store(this.control, READY, ++this.#round);
    Atomics.notify(this.control, READY);
    this.worker.terminate();
  }
}
