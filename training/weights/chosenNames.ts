import { UserError } from "../../core/errors.ts";
import { namesText } from "./names.ts";
import { type Normalised, under } from "./normalise.ts";
import { countText, type StoredTensor } from "./tensors.ts";
import { AVERAGES, type DictChoice } from "./torch/stateDict.ts";

/**
 * Of several models in one state dict the one that is meant: the tensors whose names begin with the key, without it.
 *
 * @param beside keys of the file beside the state dict, for the error message
 * @throws {UserError} when no name begins so
 */
export function chosenNames(
  tensors: ReadonlyMap<string, StoredTensor>,
  { key }: DictChoice,
  file: string,
  beside: readonly string[],
): Normalised {
  const keys = key === undefined ? AVERAGES : [key], names = [...tensors.keys()];
  const found = keys.map((each) => `${each}.`).find((prefix) => names.some((name) => name.startsWith(prefix)));
  if (found === undefined) {
    const flag = key === undefined ? "--ema" : `--key ${key}`, held = namesText([...beside, ...names]);
    throw new UserError(
      `Cannot use ${flag}: ${file} holds ${held}, want a state dict or names under ${keys.join(" or ")}`,
    );
  }
  const own = under(tensors, found), left = tensors.size - own.size;
  return { tensors: own, notes: [`taken: names under ${found}${left > 0 ? `; left out: ${countText(left)}` : ""}`] };
}
