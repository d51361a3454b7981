import wabt from "wabt";
import type { AdamWCoefficients } from "../optim/adamw.ts";
import type { SgdCoefficients } from "../optim/sgd.ts";
import { type Arena, bankOf } from "./arena.ts";
import { bankKernels, dealJobs, type Job, type Kernel, runJob, type SimdExports } from "./simdJobs.ts";
import { SIMD_SOURCE } from "./simdSource.ts";
import { SimdThread } from "./simdThread.ts";

let compiled: WebAssembly.Module | undefined;

async function compile(): Promise<WebAssembly.Module> {
  const { parseWat } = await wabt();
  const { buffer } = parseWat("optimizer.wat", SIMD_SOURCE, { simd: true, threads: true }).toBinary({});
  return await WebAssembly.compile(Uint8Array.from(buffer));
}

/** One update of one tensor, from its gradient or its summed gradient. */
export interface SimdPass<Coefficients> {
  name: string;
  coefficients: Coefficients;
  from: "gradient" | "sum";
}

/** Optimiser arithmetic in WebAssembly SIMD, in place in an arena, on one thread or several. */
export class SimdKernels {
  /** Of each bank. */
  readonly #kernels: SimdExports[];
  readonly #helpers: SimdThread[];

  private constructor(readonly arena: Arena, kernels: SimdExports[], helpers: SimdThread[]) {
    this.#kernels = kernels;
    this.#helpers = helpers;
  }

  /**
   * Makes the kernels for one arena.
   *
   * @param threads above 1, helper threads are started, which `dispose` ends
   */
  static async create(arena: Arena, threads = 1): Promise<SimdKernels> {
    const module = compiled ??= await compile();
    const memories = arena.memories(), kernels = await bankKernels(module, memories);
    // A cut tensor is one job more, once for each helper.
    const jobs = arena.names().length + 1;
    const starts = Array.from({ length: threads - 1 }, () => SimdThread.start(module, memories, jobs));
    return new SimdKernels(arena, kernels, await Promise.all(starts));
  }

  /** AdamW over tensors; see `adamwCoefficients`. Every number comes out the same whatever the threads. */
  adamw(passes: readonly SimdPass<AdamWCoefficients>[]): void {
    this.#run(
      passes.map(({ name, from, coefficients: { beta1, beta2, alpha, eps, decay, scale } }) =>
        this.#job("adamw", name, from, [beta1, beta2, alpha, eps, decay, scale])
      ),
    );
  }

  /** SGD over tensors; see `sgdCoefficients`. Every number comes out the same whatever the threads. */
  sgd(passes: readonly SimdPass<SgdCoefficients>[]): void {
    this.#run(
      passes.map(({ name, from, coefficients: { scale, decay, momentum, direct, carried, lr } }) =>
        this.#job("sgd", name, from, [scale, decay, momentum, direct, carried, lr])
      ),
    );
  }

  #run(jobs: readonly Job[]): void {
    const [own, ...others] = dealJobs(jobs, this.#helpers.length + 1);
    this.#helpers.forEach((helper, k) => helper.begin(others[k]));
    for (const job of own) runJob(this.#kernels, job);
    for (const helper of this.#helpers) helper.wait();
  }

  #job(kernel: Kernel, name: string, from: "gradient" | "sum", coefficients: Job["coefficients"]): Job {
    const { arena } = this;
    const addresses = (["value", "moment1", "moment2", from] as const).map((region) => arena.address(name, region));
    return { kernel, addresses: addresses as Job["addresses"], length: arena.padded(name), coefficients };
  }

  /** Adds the gradient of a micro-batch to the sum; the first one is copied. */
  accumulate(name: string, first: boolean): void {
    const { arena } = this;
    if (first) return arena.view(name, "sum").set(arena.view(name, "gradient"));
    const sum = arena.address(name, "sum");
    this.#kernels[bankOf(sum)].accumulate(sum, arena.address(name, "gradient"), arena.padded(name));
  }

  /** Ends the helper threads. */
  dispose(): void {
    for (const helper of this.#helpers) helper.dispose();
  }
}
