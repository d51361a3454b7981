import type { Arena, Region } from "../arena.ts";
import { DeviceTensor, onDevice } from "../ort/deviceTensor.ts";
import { gather, pack, type Piece, ROW, scatter } from "./packing.ts";

/** What is kept of a piece on the device. */
const KINDS = ["value", "moment1", "moment2", "gradient", "sum"] as const satisfies Region[];
/** What comes back to the arena: the state of a run. */
const STATE = ["value", "moment1", "moment2"] as const satisfies Region[];

/** The device's copy of one piece of the arena, each tensor [rows, 16]. */
export type DevicePiece = Record<Region, DeviceTensor>;

/**
 * The weights that train, with moments and gradients, in the memory of a device; the rest of the arena stays where it is, and
 * what comes back is written to it.
 *
 * Which tensors train is said by {@link hold}; when that changes, because a layer froze, all come back and those that go on
 * training are laid out anew. Nothing of the arena changes by that: freezing stays a function of schedule and step.
 */
export class ResidentWeights {
  #pieces: Piece[] = [];
  #held: DevicePiece[] = [];
  #names = "";
  /** Is told before what is held goes away, and lets go of it: else it would stay beside what comes. */
  release: () => void = () => {};
  /** Whether the device has newer state than the arena. */
  #isAhead = false;

  /**
   * @param arena the weights, with regions for moments and gradients
   * @param sums whether gradients are summed over passes, which wants room
   * @param limit rows of a piece; see `pack`
   */
  constructor(readonly arena: Arena, readonly sums: boolean, readonly limit?: number) {}

  /** How the tensors that train are laid out. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** The device's tensors of each piece. */
  get held(): readonly DevicePiece[] {
    return this.#held;
  }

  /** Brings these tensors to the device, unless they are there; others that were come back. */
  hold(names: readonly string[]): void {
    const wanted = JSON.stringify(names);
    if (wanted === this.#names) return;
    this.collect();
    this.#free();
    this.#pieces = pack(names.map((name) => ({ name, shape: this.arena.shape(name) })), this.limit);
    this.#held = this.#pieces.map((piece) => {
      const kinds = KINDS.filter((kind) => kind !== "sum" || this.sums);
      const tensors = kinds.map((kind) => [kind, onDevice(this.#gather(piece, kind), [piece.rows, ROW])] as const);
      const held = Object.fromEntries(tensors) as DevicePiece;
      return this.sums ? held : { ...held, sum: held.gradient };
    });
    this.#names = wanted;
  }

  /** Says that the device's weights have changed. */
  changed(): void {
    this.#isAhead = true;
  }

  /** Brings weights and moments back to the arena, where they have changed since; the device goes on with its own. */
  collect(): void {
    if (!this.#isAhead) return;
    this.read(STATE);
    this.#isAhead = false;
  }

  /** Brings some of what the device holds back to the arena. */
  read(kinds: readonly Region[]): void {
    this.#held.forEach((held, k) => {
      for (const kind of kinds) {
        const all = new Float32Array(this.#pieces[k].rows * ROW);
        held[kind].download(all);
        scatter(this.#pieces[k], all, (name) => this.arena.view(name, kind));
      }
    });
  }

  /** Brings some of what the arena holds to the device. */
  write(kinds: readonly Region[]): void {
    this.#held.forEach((held, k) => {
      for (const kind of kinds) held[kind].upload(this.#gather(this.#pieces[k], kind));
    });
  }

  #gather(piece: Piece, kind: Region): Float32Array<ArrayBuffer> {
    return gather(piece, (name) => this.arena.view(name, kind));
  }

  #free(): void {
    this.release();
    for (const held of this.#held) for (const tensor of new Set(Object.values(held))) tensor.dispose();
    this.#held = [];
    this.#names = "";
  }

  dispose(): void {
    this.#free();
  }
}
