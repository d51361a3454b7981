import { owners } from "../engine/resident/packing.ts";
import type { DevicePiece, ResidentWeights } from "../engine/resident/residentWeights.ts";
import type { Region } from "../engine/arena.ts";
import { adamwCoefficients, type AdamWOptions } from "./adamw.ts";
import type { Optimizer, Passes, Update } from "./optimizer.ts";
import { PieceRun } from "./pieceRun.ts";
import { sgdCoefficients, type SgdOptions } from "./sgd.ts";
import { adamwGraph, DECAY, NUMBER, pieceValue, RATE, sgdGraph, sumGraph } from "./updateGraph.ts";

/** The optimisers that can work where the weights are. */
export type ResidentConfig = { kind: "adamw" } & AdamWOptions | { kind: "sgd" } & SgdOptions;

/** What is made anew when other tensors train. */
interface Runs {
  held: readonly DevicePiece[];
  update: PieceRun;
  sum?: PieceRun;
}

/**
 * AdamW or SGD on a device: weights, moments and gradients stay there, the rates of a step go there. An update names all tensors
 * that are held, for they are updated together.
 */
export class ResidentOptimizer implements Optimizer {
  readonly isWhole = true;
  #runs: Runs | undefined;
  /** Whether the gradients were lent to the arena, and are newer there. */
  #isLent = false;

  /**
   * @param config which optimiser, and its settings that stay the same over a run
   * @param weights on the device
   * @param passes whose gradients make up an update
   */
  constructor(readonly config: ResidentConfig, readonly weights: ResidentWeights, readonly passes: Passes) {
    weights.release = () => this.#end();
  }

  get source(): "gradient" | "sum" {
    return this.passes.own === 1 ? "gradient" : "sum";
  }

  accumulate(_names: readonly string[], microBatch: number): void {
    if (this.source === "sum") this.#reach().sum!.begin({ [NUMBER]: [microBatch === 0 ? 0 : 1] });
  }

  update(updates: readonly Update[], step: number): void {
    const { config, weights, passes } = this, named = new Map(updates.map((update) => [update.name, update]));
    const { update } = this.#reach(), tensors = weights.pieces.flatMap((piece) => piece.tensors);
    if (named.size !== tensors.length) {
      throw new RangeError(`Cannot update ${named.size} tensors: the device holds ${tensors.length}, want all of them`);
    }
    const rates: number[] = [], decays: number[] = [];
    let number = 1;
    for (const { name } of tensors) {
      const wanted = named.get(name);
      if (!wanted) throw new RangeError(`Cannot update the weights: '${name}' trains and is not named`);
      const { lr, weightDecay } = wanted;
      if (config.kind === "adamw") {
        const { alpha, decay, eps } = adamwCoefficients(config, lr, weightDecay, step, 1 / passes.total);
        rates.push(alpha);
        decays.push(decay);
        number = eps;
      } else {
        const { lr: rate, decay } = sgdCoefficients(config, lr, weightDecay, 1 / passes.total);
        rates.push(rate);
        decays.push(decay);
      }
    }
    if (this.#isLent) weights.write([this.source]);
    this.#isLent = false;
    update.begin({ [RATE]: rates, [DECAY]: decays, [NUMBER]: [number] });
    weights.changed();
  }

  collect(): void {
    this.weights.collect();
  }

  lend(): void {
    this.weights.read([this.source]);
    this.#isLent = true;
  }

  /** Waits until the device has done the updates that it was handed. */
  wait(): void {
    this.#runs?.update.wait();
  }

  /** The graphs over what the device holds now. */
  #reach(): Runs {
    const { config, passes, source, weights: { held, pieces } } = this;
    if (this.#runs?.held === held) return this.#runs;
    this.#end();
    const scale = 1 / passes.total;
    const graph = config.kind === "adamw" ? adamwGraph(config, pieces, scale) : sgdGraph(config, pieces, scale);
    const places = (gradient: Region) =>
      new Map(
        held.flatMap((piece, k) =>
          (["value", "moment1", "moment2", "gradient", "sum"] as const).map((what) =>
            [pieceValue(what, k), piece[what === "gradient" ? gradient : what]] as const
          )
        ),
      );
    const update = new PieceRun(graph, places(source), owners(pieces));
    const sum = source === "sum" ? new PieceRun(sumGraph(pieces), places("gradient"), []) : undefined;
    return this.#runs = { held, update, ...(sum && { sum }) };
  }

  #end(): void {
    this.#runs?.update.dispose();
    this.#runs?.sum?.dispose();
    this.#runs = undefined;
  }

  dispose(): void {
    this.#end();
    this.weights.dispose();
  }
}
