import { bankOf } from "./arena.ts";

/** The kernels that update a tensor, by their number in a table. */
const KERNELS = ["adamw", "sgd"] as const;

/** A kernel that updates a tensor. */
export type Kernel = typeof KERNELS[number];

/** One update of a piece of a tensor. */
export interface Job {
  kernel: Kernel;
  /** Addresses in an arena of weight, first and second moment, and gradient, of one bank; SGD leaves the second moment alone. */
  addresses: [number, number, number, number];
  /** In floats. */
  length: number;
  /** In the order of the kernel's parameters. */
  coefficients: [number, number, number, number, number, number];
}

/** Weight, first and second moment, gradient, length, six coefficients. */
type Update = (w: number, m: number, v: number, g: number, n: number, ...coefficients: number[]) => void;

/** What the WebAssembly module exports. */
export interface SimdExports extends Record<Kernel, Update> {
  accumulate(s: number, g: number, n: number): void;
}

/** Words of one job in a table: seven integers, then six floats. */
const INTEGERS = 7, WORDS = 13;
/** Pieces begin at multiples of one cache line, in floats. */
const ALIGN = 16;

/** The kernels of each bank. */
export async function bankKernels(
  module: WebAssembly.Module,
  memories: readonly WebAssembly.Memory[],
): Promise<SimdExports[]> {
  const instances = memories.map((memory) => WebAssembly.instantiate(module, { host: { memory } }));
  return (await Promise.all(instances)).map(({ exports }) => exports as unknown as SimdExports);
}

/** Words that a table of so many jobs takes. */
export function tableWords(jobs: number): number {
  return jobs * WORDS;
}

/** Writes jobs into a table that another thread reads. */
export function writeJobs(table: Int32Array, jobs: readonly Job[]): void {
  const floats = new Float32Array(table.buffer, table.byteOffset, table.length);
  jobs.forEach(({ kernel, addresses, length, coefficients }, k) => {
    // What is stored of an address is its low word, the offset in the bank.
    table.set([bankOf(addresses[0]), KERNELS.indexOf(kernel), ...addresses, length], k * WORDS);
    floats.set(coefficients, k * WORDS + INTEGERS);
  });
}

/** Runs one job, by the kernels of its bank: they take the low word of an address, the offset there. */
export function runJob(
  banks: readonly SimdExports[],
  { kernel, addresses: [w, m, v, g], length, coefficients }: Job,
): void {
  banks[bankOf(w)][kernel](w, m, v, g, length, ...coefficients);
}

/** Runs the jobs of a table. */
export function runTable(banks: readonly SimdExports[], table: Int32Array, jobs: number): void {
  const floats = new Float32Array(table.buffer, table.byteOffset, table.length);
  for (let at = 0; at < jobs * WORDS; at += WORDS) {
    const [bank, kernel, w, m, v, g, n] = table.subarray(at, at + INTEGERS);
    banks[bank][KERNELS[kernel]](w, m, v, g, n, ...floats.subarray(at + INTEGERS, at + WORDS));
  }
}

/** Deals jobs out to threads in equal shares of floats; a tensor may be cut, at a multiple of one cache line. */
export function dealJobs(jobs: readonly Job[], threads: number): Job[][] {
  const total = jobs.reduce((sum, { length }) => sum + length, 0);
  const share = Math.ceil(total / threads / ALIGN) * ALIGN;
  const shares: Job[][] = Array.from({ length: threads }, () => []);
  let thread = 0, room = share;
  for (const job of jobs) {
    for (let done = 0; done < job.length;) {
      const take = Math.min(room, job.length - done), from = done;
      const addresses = job.addresses.map((address) => address + 4 * from) as Job["addresses"];
      shares[thread].push({ ...job, addresses, length: take });
      done += take;
      room -= take;
      if (room === 0 && thread < threads - 1) thread++, room = share;
    }
  }
  return shares;
}
