import { UserError } from "../../../core/errors.ts";
import { guarded } from "../../../core/pickle/errors.ts";
import { describe, PickleDict, type PickleValue, quote } from "../../../core/pickle/values.ts";
import type { StoredTensor } from "../tensors.ts";
import type { TorchFile } from "./readTorchFile.ts";
import { TorchTensor } from "./tensor.ts";

/** Keys under which training scripts keep the weights beside optimiser, epoch and options. */
const WRAPPERS = ["model", "module", "state_dict", "model_state_dict"];
/** Keys of the moving average of the weights. */
export const AVERAGES = ["model_ema", "state_dict_ema", "ema", "ema_state_dict"];

/** Which of several models in a file is meant. */
export interface DictChoice {
  /** The key under which its state dict stands in a torch file, or what its tensors' names begin with. */
  key?: string;
  /** The moving average of the weights, under whatever name it stands. */
  ema?: boolean;
}

/** The weights of a torch file. */
export interface StateDict {
  /** The key under which they were; none: the file is the state dict. */
  key?: string;
  /** Whether they are what was chosen; a choice may be among the names of the tensors instead. */
  isChosen: boolean;
  /** What stands beside them. */
  beside: string[];
  tensors: Map<string, StoredTensor>;
}

/**
 * Finds the state dict of a torch file: what stands under a key that is chosen, else under a usual one, or the file itself.
 *
 * @throws {UserError} when there is none, or it holds anything but tensors
 */
export function stateDict({ name, root }: TorchFile, { key: chosen, ema = false }: DictChoice = {}): StateDict {
  if (!(root instanceof PickleDict)) {
    throw new UserError(`Cannot read ${name}: it holds ${describe(root)}, want a state dict`);
  }
  const keys = [...root.entries.keys()], isDict = (each: string) => root.entries.get(each) instanceof PickleDict;
  const wanted = chosen !== undefined ? [chosen] : ema ? AVERAGES : WRAPPERS, own = wanted.find(isDict);
  const key = own ?? WRAPPERS.find(isDict), isChosen = wanted === WRAPPERS || own !== undefined;
  const texts = keys.filter((each) => typeof each === "string");
  const found = key === undefined ? root : root.entries.get(key) as PickleDict;
  if (key === undefined && ![...root.entries.values()].some((value) => value instanceof TorchTensor)) {
    const dicts = texts.filter(isDict), hint = dicts.length > 0 ? `, or --key ${dicts.join(" or ")}` : "";
    const hold = keys.slice(0, 8).map(keyText).join(", ") || "nothing";
    throw new UserError(
      `Cannot read ${name}: it holds ${hold}, want tensors, or a state dict under ${WRAPPERS.join(", ")}${hint}`,
    );
  }
  const tensors = new Map([...found.entries].map(([each, value]) => tensorEntry(name, each, value)));
  const beside = texts.filter((each) => each !== key);
  return key === undefined ? { isChosen, beside: [], tensors } : { key, isChosen, beside, tensors };
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
