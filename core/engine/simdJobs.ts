/** The kernels that update a tensor, by their number in a table. */
const KERNELS = ["adamw", "sgd"] as const;

/** A kernel that updates a tensor. */
export type Kernel = typeof KERNELS[number];

/** One update of a piece of a tensor. */
export interface Job {
  kernel: Kernel;
  /** Byte addresses of weight, first and second moment, and gradient; SGD leaves the second moment alone. */
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

/** Words of one job in a table: six integers, then six floats. */
const INTEGERS = 6, WORDS = 12;
/** Pieces begin at multiples of one cache line, in floats. */
const ALIGN = 16;

/** Words that a table of so many jobs takes. */
export function tableWords(jobs: number): number {
  return jobs * WORDS;
}

/** Writes jobs into a table that another thread reads. */
export function writeJobs(table: Int32Array, jobs: readonly Job[]): void {
  const floats = new Float32Array(table.buffer, table.byteOffset, table.length);
  jobs.forEach(({ kernel, addresses, length, coefficients }, k) => {
    table.set([KERNELS.indexOf(kernel), ...addresses, length], k * WORDS);
    floats.set(coefficients, k * WORDS + INTEGERS);
  });
}

/** Runs one job. */
export function runJob(kernels: SimdExports, { kernel, addresses: [w, m, v, g], length, coefficients }: Job): void {
  kernels[kernel](w, m, v, g, length, ...coefficients);
}

/** Runs the jobs of a table. */
export function runTable(kernels: SimdExports, table: Int32Array, jobs: number): void {
  const floats = new Float32Array(table.buffer, table.byteOffset, table.length);
  for (let at = 0; at < jobs * WORDS; at += WORDS) {
    const [kernel, w, m, v, g, n] = table.subarray(at, at + INTEGERS);
    kernels[KERNELS[kernel]](w, m, v, g, n, ...floats.subarray(at + INTEGERS, at + WORDS));
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
