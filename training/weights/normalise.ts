import { UserError } from "../../core/errors.ts";
import { nameText } from "./names.ts";
import { countText, type StoredTensor } from "./tensors.ts";

/** Put into names before any part: by torch.compile, FSDP, activation checkpointing, and DeepSpeed in Lightning. */
const COMPILED = /(^|\.)(?:(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module)\.)+/g;
/** What wrappers of a model put before names, one behind the other. */
const WRAPPERS = /^((module|model|encoder|backbone)\.)+$/;
/** What every vision transformer has. */
export const FIRST = "patch_embed.proj.weight";
/** What convolutional nets begin with. */
const FIRST_OF_NETS = ["conv1.weight", "features.0.conv1.weight"];

/** Tensors under the model's own names, and what was taken off or left out, in words. */
export interface Normalised {
  /** The tensors by name. */
  tensors: Map<string, StoredTensor>;
  /** In words, for the user. */
  notes: string[];
}

/**
 * Takes off names what wrappers have put before them: "_orig_mod." and its like wherever they stand, then "module.", "model.",
 * "encoder." and "backbone." where the patch embedding, or without one a net's first convolution, is behind them. What stands
 * without such a prefix is left out, and said.
 *
 * @param file for error messages
 * @throws {UserError} when two names become one, or several encoders are behind wrappers
 */
export function normalised(all: ReadonlyMap<string, StoredTensor>, file: string): Normalised {
  const { tensors, notes } = uncompiled(all, file), prefix = prefixOf(tensors.keys(), file);
  if (prefix === "") return { tensors, notes };
  const behind = under(tensors, prefix), left = tensors.size - behind.size;
  const said = `taken off names: ${prefix}${left > 0 ? `; left out: ${countText(left)} without it` : ""}`;
  return { tensors: behind, notes: [...notes, said] };
}

/** The tensors whose names begin with a prefix, without it. */
export function under<T>(tensors: ReadonlyMap<string, T>, prefix: string): Map<string, T> {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function uncompiled(all: ReadonlyMap<string, StoredTensor>, file: string): Normalised {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of all) {
    const own = name.replace(COMPILED, "$1");
    if (tensors.has(own)) {
      throw new UserError(
        `Cannot use ${file}: two of its tensors are called '${nameText(own)}' without ${
          wrappersOf([...all.keys()])
        }, want one`,
      );
    }
    tensors.set(own, tensor);
  }
  const some = [...all.keys()].some((name) => !tensors.has(name));
  return { tensors, notes: some ? [`taken off names: ${wrappersOf([...all.keys()])}`] : [] };
}

/** The wrappers that stand inside of names, in order of their first appearance. */
function wrappersOf(names: string[]): string {
  const found = names.flatMap((name) => name.match(COMPILED) ?? []).flatMap((text) => text.match(/_\w+\./g) ?? []);
  return [...new Set(found)].join(", ");
}

/** The wrappers behind which the model is; none: it stands without, or behind something else. */
function prefixOf(names: Iterable<string>, file: string): string {
  const all = [...names], firsts = all.some((name) => name.endsWith(FIRST)) ? [FIRST] : FIRST_OF_NETS;
  const ends = firsts.flatMap((first) =>
    all.filter((name) => name.endsWith(first)).map((name) => name.slice(0, -first.length))
  );
  const prefixes = ends.filter((prefix) => WRAPPERS.test(prefix));
  if (ends.includes("") || prefixes.length === 0) return "";
  if (prefixes.length === 1) return prefixes[0];
  const keys = prefixes.map((prefix) => prefix.slice(0, -1)).join(" or ");
  throw new UserError(`Cannot use ${file}: it holds ${prefixes.length} encoders, want --key ${keys}`);
}
