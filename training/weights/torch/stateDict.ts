import { UserError } from "../../../core/errors.ts";
import { guarded } from "../../../core/pickle/errors.ts";
import { describe, PickleDict, type PickleValue, quote } from "../../../core/pickle/values.ts";
import type { StoredTensor } from "../tensors.ts";
import type { TorchFile } from "./readTorchFile.ts";
import { TorchTensor } from "./tensor.ts";

/** Keys under which training scripts keep the weights beside optimiser, epoch and options. */
const WRAPPERS = ["model", "state_dict", "model_state_dict"];

/** The weights of a torch file. */
export interface StateDict {
  /** The key under which they were; none: the file is the state dict. */
  key?: string;
  /** What stands beside them. */
  beside: string[];
  tensors: Map<string, StoredTensor>;
}

/**
 * Finds the state dict of a torch file: the file itself, or what stands under "model", "state_dict" or "model_state_dict".
 *
 * @throws {UserError} when there is none, or it holds anything but tensors
 */
export function stateDict({ name, root }: TorchFile): StateDict {
  if (!(root instanceof PickleDict)) {
    throw new UserError(`Cannot read ${name}: it holds ${describe(root)}, want a state dict`);
  }
  const keys = [...root.entries.keys()], key = WRAPPERS.find((each) => root.entries.get(each) instanceof PickleDict);
  const found = key === undefined ? root : root.entries.get(key) as PickleDict;
  const beside = keys.filter((each) => typeof each === "string" && each !== key) as string[];
  if (key === undefined && ![...root.entries.values()].some((value) => value instanceof TorchTensor)) {
    throw new UserError(
      `Cannot read ${name}: it holds ${keys.slice(0, 8).map(keyText).join(", ") || "nothing"}, ` +
        `want tensors, or a state dict under ${WRAPPERS.join(", ")}`,
    );
  }
  const tensors = new Map([...found.entries].map(([each, value]) => tensorEntry(name, each, value)));
  return key === undefined ? { beside: [], tensors } : { key, beside, tensors };
}

function tensorEntry(file: string, key: PickleValue, value: PickleValue): [string, StoredTensor] {
  if (typeof key !== "string") {
    throw new UserError(`Cannot read ${file}: a tensor is called ${describe(key)}, want a text`);
  }
  if (!(value instanceof TorchTensor)) {
    throw new UserError(`Cannot read ${file}: ${quote(key)} of the state dict is ${describe(value)}, want a tensor`);
  }
  const { dtype, shape } = value;
  return [key, { dtype, shape, read: () => guarded(file, () => value.read()) }];
}

function keyText(key: PickleValue): string {
  return typeof key === "string" ? quote(key) : describe(key);
}
