import { countText, type StoredTensor } from "./tensors.ts";

/** Put into names by torch.compile, before any part. */
const COMPILED = /(^|\.)_orig_mod\./g;
/** Put before names by wrappers of a model. */
const WRAPPERS = ["module.", "model.", "encoder.", "backbone."];
/** What every vision transformer has. */
const FIRST = "patch_embed.proj.weight";

/** Tensors under the model's own names, and what was taken off or left out, in words. */
export interface Normalised {
  tensors: Map<string, StoredTensor>;
  notes: string[];
}

/**
 * Takes off names what wrappers have put before them: "_orig_mod." wherever it stands, then "module.", "model.", "encoder." and
 * "backbone." as long as the patch embedding is behind one. What stands beside such a prefix is left out, and said.
 */
export function normalised(all: ReadonlyMap<string, StoredTensor>): Normalised {
  const notes: string[] = [];
  let tensors = new Map([...all].map(([name, tensor]) => [name.replace(COMPILED, "$1"), tensor]));
  if ([...all.keys()].some((name) => !tensors.has(name))) notes.push("taken off names: _orig_mod.");
  for (let prefix; !tensors.has(FIRST) && (prefix = prefixOf(tensors)) !== undefined;) {
    const own = [...tensors].filter(([name]) => name.startsWith(prefix)), left = tensors.size - own.length;
    tensors = new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
    notes.push(`taken off names: ${prefix}${left > 0 ? `; left out: ${countText(left)} without it` : ""}`);
  }
  return { tensors, notes };
}

/** The wrapper behind which the patch embedding is, perhaps behind others. */
function prefixOf(tensors: ReadonlyMap<string, StoredTensor>): string | undefined {
  const first = [...tensors.keys()].find((name) => name.endsWith(`.${FIRST}`));
  const wrapper = first && WRAPPERS.find((each) => first.startsWith(each));
  return wrapper && WRAPPERS.reduce((rest, each) => rest.replaceAll(each, ""), first.slice(0, -FIRST.length)) === ""
    ? wrapper
    : undefined;
}
