import { UserError } from "../../../core/errors.ts";
import type { ShapeReader } from "../../../core/models/shapeReader.ts";
import { shapeText } from "../../../core/safetensors/tensor.ts";
import type { EncoderFamily } from "./family.ts";
import { refuseForeign } from "./foreign.ts";
import { embedding, inferHeads, refuseTold } from "./size.ts";

/** The name that tells a hybrid encoder. */
const FIRST = "patch_embed1.proj.weight";
/** Names of a hybrid encoder as it is here, and of the convolutions that fuse its stages in pre-training. */
const KNOWN = new RegExp(
  "^(pos_embed|patch_embed[123]\\.(proj|norm)\\.(weight|bias)|(patch_embed4|norm|fc_norm|stage[12]_output_decode)\\.(weight|bias)|" +
    "blocks[12]\\.\\d+\\.(norm[12]|conv[12]|attn|mlp\\.fc[12])\\.(weight|bias)|" +
    "blocks3\\.\\d+\\.(norm[12]|attn\\.(qkv|proj)|mlp\\.fc[12])\\.(weight|bias))$",
);
/** Names of what stands behind an encoder: decoder, projector, predictor, head. */
const BESIDE = /^(mask_token|decoder_\w+|proj_embed|predictor|head)(\.|$)/;
/** In the released code whatever the weights: added to the variance of the stages' norms. */
const NORM_EPS = 1e-5;

/** An encoder with convolution stages (ConvMAE, DMJD). */
export const hybrid: EncoderFamily = {
  knows: (names) => names.has(FIRST),
  adapt(tensors, file) {
    const foreign = [...tensors.keys()].filter((name) => !KNOWN.test(name) && !BESIDE.test(name));
    refuseForeign(foreign, file, "the encoder here", "ConvMAE's or DMJD's");
    return { tensors, notes: [] };
  },
  infer(reader, { heads, imageSize }, assumed) {
    const { tensors, file } = reader;
    if (imageSize !== undefined && tensors.has("pos_embed")) refuseTold("image-size", file, "positions");
    const embeds = [1, 2, 3].map((k) => reader.shape(`patch_embed${k}.proj.weight`, 4));
    const [first, second, embedDim] = embeds.map(([width]) => width), [, k2, k3] = embeds.map((shape) => shape[3]);
    const { patchSize: k1 } = embedding(reader, FIRST), patchSize = k1 * k2 * k3;
    return {
      imageSize: imageSize ?? patchSize * gridOf(reader),
      patchSize,
      embedDim,
      depth: reader.count(/^blocks3\.(\d+)\./, "blocks of stage 3"),
      numHeads: inferHeads(embedDim, heads, assumed, file),
      mlpRatio: reader.shape("blocks3.0.mlp.fc1.weight", 2)[0] / embedDim,
      stages: {
        patchSizes: [k1, k2],
        dims: [first, second],
        depths: [
          reader.count(/^blocks1\.(\d+)\./, "blocks of stage 1"),
          reader.count(/^blocks2\.(\d+)\./, "blocks of stage 2"),
        ],
        mlpRatio: reader.shape("blocks1.0.mlp.fc1.weight", 4)[0] / first,
        normEps: NORM_EPS,
      },
    };
  },
};

/** Patches per side, by the positions. */
function gridOf({ tensors, file }: ShapeReader): number {
  const positions = tensors.get("pos_embed");
  if (!positions) {
    throw new UserError(`Cannot tell the image size of ${file}: it holds no pos_embed, want --image-size N`);
  }
  const side = Math.sqrt(positions.shape[1]);
  if (Number.isInteger(side)) return side;
  throw new UserError(`Cannot read ${file}: pos_embed is ${shapeText(positions.shape)}, want a square of patches`);
}
