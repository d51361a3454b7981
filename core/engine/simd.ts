import wabt from "wabt";
import type { AdamWCoefficients } from "../optim/adamw.ts";
import type { Arena } from "./arena.ts";
import { type AdamWJob, dealJobs, type SimdExports } from "./simdJobs.ts";
import { SimdThread } from "./simdThread.ts";

/** Loop header: runs `body` for every four floats, advancing the named pointers. */
function loop(pointers: string[], body: string): string {
  const advance = pointers.map((p) => `(local.set $${p} (i32.add (local.get $${p}) (i32.const 16)))`).join("\n");
  return `(local.set $end (i32.add (local.get $${pointers[0]}) (i32.shl (local.get $n) (i32.const 2))))
  (loop $next ${body} ${advance} (br_if $next (i32.lt_u (local.get $${pointers[0]}) (local.get $end))))`;
}

const load = (pointer: string) => `(v128.load (local.get $${pointer}))`;
const splat = (name: string) => `(f32x4.splat (local.get $${name}))`;

/** One AdamW pass over a tensor, and the sum of micro-batch gradients; lengths are multiples of four. */
const SOURCE = `(module (import "host" "memory" (memory 1 65536 shared))
(func (export "adamw") (param $w i32) (param $m i32) (param $v i32) (param $g i32) (param $n i32)
  (param $beta1 f32) (param $beta2 f32) (param $alpha f32) (param $eps f32) (param $decay f32) (param $scale f32)
  (local $end i32) (local $G v128) (local $M v128) (local $V v128)
  ${
  loop(
    ["g", "w", "m", "v"],
    `(local.set $G (f32x4.mul ${load("g")} ${splat("scale")}))
    (local.set $M (f32x4.add (f32x4.mul ${load("m")} ${splat("beta1")}) (local.get $G)))
    (local.set $V (f32x4.add (f32x4.mul ${load("v")} ${splat("beta2")}) (f32x4.mul (local.get $G) (local.get $G))))
    (v128.store (local.get $m) (local.get $M))
    (v128.store (local.get $v) (local.get $V))
    (v128.store (local.get $w) (f32x4.sub (f32x4.mul ${load("w")} ${splat("decay")})
      (f32x4.div (f32x4.mul (local.get $M) ${splat("alpha")}) (f32x4.add (f32x4.sqrt (local.get $V)) ${
      splat("eps")
    }))))`,
  )
})
(func (export "accumulate") (param $s i32) (param $g i32) (param $n i32)
  (local $end i32)
  ${
  loop(
    ["s", "g"],
    `(v128.store (local.get $s) (f32x4.add ${load("s")} ${load("g")}))`,
  )
}))`;

let compiled: WebAssembly.Module | undefined;

async function compile(): Promise<WebAssembly.Module> {
  const { parseWat } = await wabt();
  const { buffer } = parseWat("optimizer.wat", SOURCE, { simd: true, threads: true }).toBinary({});
  return await WebAssembly.compile(Uint8Array.from(buffer));
}

/** One AdamW update of one tensor, from its gradient or its summed gradient; see `adamwCoefficients`. */
export interface AdamWPass {
  name: string;
  coefficients: AdamWCoefficients;
  from: "gradient" | "sum";
}

/** Optimiser arithmetic in WebAssembly SIMD, in place in an arena, on one thread or several. */
export class SimdKernels {
  readonly #kernels: SimdExports;
  readonly #helpers: SimdThread[];

  private constructor(readonly arena: Arena, instance: WebAssembly.Instance, helpers: SimdThread[]) {
    this.#kernels = instance.exports as unknown as SimdExports;
    this.#helpers = helpers;
  }

  /**
   * Makes the kernels for one arena.
   *
   * @param threads above 1, helper threads are started, which `dispose` ends
   */
  static async create(arena: Arena, threads = 1): Promise<SimdKernels> {
    const module = compiled ??= await compile();
    const instance = await WebAssembly.instantiate(module, { host: { memory: arena.memory } });
    // A cut tensor is one job more, once for each helper.
    const jobs = arena.names().length + 1;
    const starts = Array.from({ length: threads - 1 }, () => SimdThread.start(module, arena.memory, jobs));
    return new SimdKernels(arena, instance, await Promise.all(starts));
  }

  /** AdamW over tensors; every number comes out the same whatever the threads. */
  adamw(passes: readonly AdamWPass[]): void {
    const jobs = passes.map(({ name, coefficients, from }) => this.#job(name, coefficients, from));
    const [own, ...others] = dealJobs(jobs, this.#helpers.length + 1);
    this.#helpers.forEach((helper, k) => helper.begin(others[k]));
    for (const { addresses: [w, m, v, g], length, coefficients: { beta1, beta2, alpha, eps, decay, scale } } of own) {
      this.#kernels.adamw(w, m, v, g, length, beta1, beta2, alpha, eps, decay, scale);
    }
    for (const helper of this.#helpers) helper.wait();
  }

  #job(name: string, coefficients: AdamWCoefficients, from: "gradient" | "sum"): AdamWJob {
    const { arena } = this;
    const addresses = (["value", "moment1", "moment2", from] as const).map((region) => arena.address(name, region));
    return { addresses: addresses as AdamWJob["addresses"], length: arena.padded(name), coefficients };
  }

  /** Adds the gradient of a micro-batch to the sum; the first one is copied. */
  accumulate(name: string, first: boolean): void {
    const { arena } = this;
    if (first) return arena.view(name, "sum").set(arena.view(name, "gradient"));
    this.#kernels.accumulate(arena.address(name, "sum"), arena.address(name, "gradient"), arena.padded(name));
  }

  /** Ends the helper threads. */
  dispose(): void {
    for (const helper of this.#helpers) helper.dispose();
  }
}
