import { UserError } from "../../errors.ts";
import type { OrtValue } from "./value.ts";

/** What a session runs on: the processor, a graphics card by WebGPU, or one by CUDA. */
export type Device = "cpu" | "webgpu" | "cuda";
/** All devices. */
export const DEVICES = ["cpu", "webgpu", "cuda"] as const satisfies Device[];

/** A graphics card behind one of ONNX Runtime's providers. */
export interface Card {
  device: Exclude<Device, "cpu">;
  /** As an engine names it, with what changes its numbers: "webgpu", "cuda-tf32". */
  title: string;
  /** The provider's name of its memory, and the number of the card. */
  memory: string;
  index: number;
  /** Whether products may transpose their operands themselves, as on the CPU. */
  fused: boolean;
  /** Whether every node has to run there. */
  strict: boolean;
  /**
   * Has a session run on it.
   *
   * @throws {UserError} when it is not there, or the library is not for it
   */
  append(options: Deno.PointerObject): void;
  /** Copies tensors, each to its counterpart, from host to card or back. */
  copy(from: readonly OrtValue[], to: readonly OrtValue[]): void;
  /** Name and driver, where they can be told. */
  describe(): string | undefined;
  /** Bytes that it may take, where they can be told. */
  memoryBytes(): number | undefined;
}

let used: Card | undefined;

/** Has this process work on a card: its library holds one, for as long as the process lives. */
export function useCard(card: Card): void {
  if (used && (used.title !== card.title || used.index !== card.index)) {
    throw new RangeError(`Cannot use ${card.title}: this process works on ${used.title}, want one card a process`);
  }
  used ??= card;
}

/** The card that this process works on. */
export function usedCard(): Card {
  if (!used) throw new RangeError("Cannot use a card: none was chosen");
  return used;
}

/** What is wrong with a card, in a line; an error that says nothing of it stays as it is. */
export function cardError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error, flag = `--device ${used?.device ?? "webgpu"}`;
  if (/adapter/i.test(message)) return noAdapter();
  const [, wanted, limit] = /Buffer size \(?(\d+)\)? exceeds the max buffer size limit \(?(\d+)/.exec(message) ?? [];
  if (wanted !== undefined) {
    const buffer = `a buffer of ${wanted} bytes is wanted, it takes ${limit}`;
    return new UserError(`Cannot use ${flag}: ${buffer}; want a smaller batch or model, or --device cpu`);
  }
  if (/out of memory|failed to allocate memory/i.test(message)) {
    return new UserError(
      `Cannot use ${flag}: its memory does not do; want a smaller batch or model, --accum, or --device cpu`,
    );
  }
  const [lost] = /device (was )?lost/i.exec(message) ?? [];
  if (lost === undefined) return error;
  return new UserError(
    `Cannot go on with ${flag}: ${lost.toLowerCase()}; the same command goes on from the last checkpoint, if there is one`,
  );
}

/** That no card was found by WebGPU. */
export function noAdapter(): UserError {
  return new UserError(
    "Cannot use --device webgpu: no adapter was found; want a graphics driver with Vulkan and its loader (libvulkan.so.1)",
  );
}
