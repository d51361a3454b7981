import { UserError } from "../../../core/errors.ts";
import type { EncoderConfig } from "../../../core/models/config.ts";
import { relativeIndex } from "../../../core/models/relativePositions.ts";
import type { ShapeReader } from "../../../core/models/shapeReader.ts";
import type { EncoderFamily } from "./family.ts";
import { refuseForeign } from "./foreign.ts";
import { checkIndex } from "./relativeIndex.ts";
import { embedding, refuseTold } from "./size.ts";

const table = (stage: number) => `layers.${stage}.blocks.0.attn.relative_position_bias_table`;
/** Names of a Swin transformer as it is here. */
const KNOWN = new RegExp(
  "^(patch_embed\\.(proj|norm)\\.(weight|bias)|(norm|fc_norm)\\.(weight|bias)|layers\\.\\d+\\.(" +
    "downsample\\.(norm\\.(weight|bias)|reduction\\.weight)|" +
    "blocks\\.\\d+\\.((norm[12]|attn\\.(qkv|proj)|mlp\\.fc[12])\\.(weight|bias)|attn\\.relative_position_bias_table)))$",
);
/** What follows from the grid and the windows. */
const INDEX = /^layers\.\d+\.blocks\.\d+\.attn\.relative_position_index$/;
const MASK = /^layers\.\d+\.blocks\.\d+\.attn_mask$/;
/** What stands beside the encoder. */
const BESIDE = /^(mask_token|(head|decoder)(\..+)?)$/;

/** A Swin transformer under the names of its own code, which SimMIM's has, too, or of timm. */
export const swin: EncoderFamily = {
  knows: (names) => names.has(table(0)),
  adapt(tensors, file) {
    const foreign = [...tensors.keys()].filter((name) =>
      ![KNOWN, INDEX, MASK, BESIDE].some((known) => known.test(name))
    );
    refuseForeign(foreign, file, "Swin here", "a Swin of its first form");
    for (const [name, tensor] of tensors) {
      if (INDEX.test(name)) checkIndex(tensor, relativeIndex(windowOf(tensors, file), 0), file, name);
    }
    // The masks tell the grid, which nothing else does.
    const left = [...tensors].filter(([name]) => !INDEX.test(name)), last = stageCount(left.map(([name]) => name)) - 1;
    if (!tensors.has(`layers.${last}.downsample.norm.weight`)) return { tensors: new Map(left), notes: [] };
    const renamed = left.map(([name, tensor]) => [name.replace(MERGING, (_, stage) => before(stage)), tensor] as const);
    return { tensors: new Map(renamed), notes: ["tokens are joined at the begin of stages, as in timm"] };
  },
  infer(reader, { heads, imageSize }): EncoderConfig {
    const { dim, patchSize } = embedding(reader), { file, tensors } = reader, window = windowOf(tensors, file);
    const stages = reader.count(/^layers\.(\d+)\./, "stages"), merged = 2 ** (stages - 1);
    if (heads !== undefined) refuseTold("heads", file, "tables of relative positions");
    const all = Array.from({ length: stages }, (_, stage) => stage);
    const depths = all.map((stage) => reader.count(new RegExp(`^layers\\.${stage}\\.blocks\\.(\\d+)\\.`), "blocks"));
    const numHeads = all.map((stage) => reader.shape(table(stage), 2)[1]);
    const masks = tensors.get("layers.0.blocks.1.attn_mask");
    if (masks && imageSize !== undefined) refuseTold("image-size", file, "masks of moved windows");
    if (!masks && imageSize === undefined) {
      throw new UserError(`Cannot tell the image size of ${file}: it holds no attn_mask, want --image-size N`);
    }
    return {
      imageSize: imageSize ?? Math.sqrt(masks!.shape[0]) * window * patchSize,
      patchSize: patchSize * merged,
      embedDim: dim * merged,
      depth: depths.reduce((sum, depth) => sum + depth, 0),
      numHeads: numHeads.at(-1)!,
      mlpRatio: reader.shape("layers.0.blocks.0.mlp.fc1.weight", 2)[0] / dim,
      swin: { depths, numHeads, window },
    };
  },
};

const MERGING = /^layers\.(\d+)\.downsample/;
/** What joins tokens at the begin of a stage, at the end of the one before it. */
const before = (stage: string) => `layers.${Number(stage) - 1}.downsample`;

function stageCount(names: readonly string[]): number {
  return Math.max(...names.map((name) => Number(/^layers\.(\d+)\./.exec(name)?.[1] ?? -1))) + 1;
}

/** Side of the first stage's windows, by the entries of its table. */
function windowOf(tensors: ShapeReader["tensors"], file: string): number {
  const [entries] = tensors.get(table(0))!.shape, window = (Math.sqrt(entries) + 1) / 2;
  if (Number.isInteger(window)) return window;
  throw new UserError(`Cannot read ${file}: tensor '${table(0)}' has ${entries} entries, want an odd number squared`);
}
