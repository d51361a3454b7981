import { UserError } from "../../core/errors.ts";

/** Names of an encoder as it is here. */
const KNOWN = new RegExp(
  "^(cls_token|pos_embed|patch_embed\\.proj\\.(weight|bias)|(norm|norm\\.\\d+|fc_norm)\\.(weight|bias)|" +
    "blocks\\.\\d+\\.(norm[12]|attn\\.(qkv|proj)|mlp\\.fc[12])\\.(weight|bias))$",
);
/** Names that belong to an encoder, here or elsewhere: what has no dot is a token or a parameter of the whole. */
const INSIDE = /^(blocks|patch_embed|norm\w*|rope\w*|rel_pos\w*|pos_embed\w*|reg\w*|storage\w*)\.|^[^.]+$|rope|rel_pos/;
/** Of those without a dot, what belongs to decoders and heads. */
const BESIDE = /^(mask_token|decoder\w*|logit_scale|head\w*)$/;
/** Names that are shown. */
const SHOWN = 5;

/** Whether a tensor belongs to an encoder, and the one here has no place for it. */
export function isForeign(name: string): boolean {
  return !KNOWN.test(name) && INSIDE.test(name) && !BESIDE.test(name);
}

/**
 * Makes sure that nothing of a file's encoder would be left out: what has no place here computes something.
 *
 * @throws {UserError} naming the first tensors of that kind
 */
export function checkEncoderNames(names: Iterable<string>, file: string): void {
  const foreign = [...names].filter(isForeign).sort();
  if (foreign.length === 0) return;
  const more = foreign.length > SHOWN ? ` and ${foreign.length - SHOWN} more` : "";
  throw new UserError(
    `Cannot use ${file}: it holds ${
      foreign.slice(0, SHOWN).join(", ")
    }${more}, which the encoder here does not have, ` +
      "want a plain ViT",
  );
}
