import type { AdamWCoefficients } from "../optim/adamw.ts";

/** One AdamW pass over a piece of a tensor: byte addresses of weight, moments and gradient, and a length in floats. */
export interface AdamWJob {
  addresses: [number, number, number, number];
  length: number;
  coefficients: AdamWCoefficients;
}

/** What the WebAssembly module exports. */
export interface SimdExports {
  adamw(w: number, m: number, v: number, g: number, n: number, ...coefficients: number[]): void;
  accumulate(s: number, g: number, n: number): void;
}

/** Words of one job in a table: five integers, then six floats. */
const INTEGERS = 5, WORDS = 11;
/** Pieces begin at multiples of one cache line, in floats. */
const ALIGN = 16;

/** Words that a table of so many jobs takes. */
export function tableWords(jobs: number): number {
  return jobs * WORDS;
}

/** Writes jobs into a table that another thread reads. */
export function writeJobs(table: Int32Array, jobs: readonly AdamWJob[]): void {
  const floats = new Float32Array(table.buffer, table.byteOffset, table.length);
  jobs.forEach(({ addresses, length, coefficients: { beta1, beta2, alpha, eps, decay, scale } }, k) => {
    table.set([...addresses, length], k * WORDS);
    floats.set([beta1, beta2, alpha, eps, decay, scale], k * WORDS + INTEGERS);
  });
}

/** Runs the jobs of a table. */
export function runTable({ adamw }: SimdExports, table: Int32Array, jobs: number): void {
  const floats = new Float32Array(table.buffer, table.byteOffset, table.length);
  for (let at = 0; at < jobs * WORDS; at += WORDS) {
    const [w, m, v, g, n] = table.subarray(at, at + INTEGERS);
    adamw(w, m, v, g, n, ...floats.subarray(at + INTEGERS, at + WORDS));
  }
}

/** Deals jobs out to threads in equal shares of floats; a tensor may be cut, at a multiple of one cache line. */
export function dealJobs(jobs: readonly AdamWJob[], threads: number): AdamWJob[][] {
  const total = jobs.reduce((sum, { length }) => sum + length, 0);
  const share = Math.ceil(total / threads / ALIGN) * ALIGN;
  const shares: AdamWJob[][] = Array.from({ length: threads }, () => []);
  let thread = 0, room = share;
  for (const { addresses, length, coefficients } of jobs) {
    for (let done = 0; done < length;) {
      const take = Math.min(room, length - done), from = done;
      const moved = addresses.map((address) => address + 4 * from) as AdamWJob["addresses"];
      shares[thread].push({ addresses: moved, length: take, coefficients });
      done += take;
      room -= take;
      if (room === 0 && thread < threads - 1) thread++, room = share;
    }
  }
  return shares;
}
