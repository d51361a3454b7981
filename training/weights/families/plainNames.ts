import { UserError } from "../../../core/errors.ts";
import { namesText, nameText } from "../names.ts";
import { FIRST } from "../normalise.ts";
import { refuseForeign } from "./foreign.ts";

/** Names of an encoder as it is here. */
const KNOWN = new RegExp(
  "^(cls_token|pos_embed|patch_embed\\.proj\\.(weight|bias)|(norm|norm\\.\\d+|fc_norm)\\.(weight|bias)|" +
    "blocks\\.\\d+\\.(norm[12]|attn\\.(qkv|proj)|mlp\\.fc[12])\\.(weight|bias))$",
);
/** First parts of the names of what stands beside an encoder: heads, decoders, targets, other towers. */
const BESIDE = new RegExp(
  "^(mask_token|logit_scale|logit_bias|fc|pre_logits|attn_pool|hog_enc|hogs|center|" +
    "(\\w+_)?(head|heads|decoder|predictor|projector|projection|pred|classifier|queue|loss)|" +
    "(head|decoder|queue|text|teacher|target|momentum|optimizer)_\\w+)(\\.|$)",
);

/** Whether a tensor may belong to an encoder, and the one here has no place for it. */
export function isForeign(name: string): boolean {
  return !KNOWN.test(name) && !BESIDE.test(name);
}

/**
 * Makes sure that a file holds an encoder, and nothing of it would be left out: what has no place here computes something.
 * Only what is known to stand beside encoders may be left out.
 *
 * @throws {UserError} naming the first tensors of another kind
 */
export function checkEncoderNames(names: readonly string[], file: string): void {
  if (!names.includes(FIRST)) {
    const elsewhere = names.filter((name) => name.endsWith(`.${FIRST}`)).map((name) =>
      name.slice(0, -FIRST.length - 1)
    );
    const way = elsewhere.length > 0 ? `--key ${nameText(elsewhere[0])}` : "the weights of a ViT under timm's names";
    throw new UserError(`Cannot read ${file}: it holds ${namesText(names)}, and no '${FIRST}', want ${way}`);
  }
  if (!names.includes("cls_token")) {
    const foreign = names.filter(isForeign).sort(), more = foreign.length > 0 ? `, and ${namesText(foreign)}` : "";
    throw new UserError(`Cannot use ${file}: it holds no cls_token${more}, want a ViT with a class token`);
  }
  refuseForeign(names.filter(isForeign), file, "the encoder here", "a plain ViT");
}
