import { UserError } from "../../../core/errors.ts";
import { relativeEntries, relativeIndex } from "../../../core/models/relativePositions.ts";
import { SHARED_TABLE } from "../../../core/models/maskedTokens.ts";
import type { ShapeReader } from "../../../core/models/shapeReader.ts";
import { ownTable } from "../../../core/models/wholeEncoder.ts";
import { shapeText } from "../../../core/safetensors/tensor.ts";
import type { StoredTensor } from "../tensors.ts";
import type { EncoderFamily } from "./family.ts";
import { refuseForeign } from "./foreign.ts";
import { checkIndex } from "./relativeIndex.ts";
import { isForeign } from "./plainNames.ts";
import { embedding, refuseTold } from "./size.ts";

/** Where the factors on branches start in the released models of ViT-B; trained ones are read, so it says only that they are there. */
const LAYER_SCALE = 0.1;
/** What a block has beside a plain one's; keys have no bias, and some code keeps one of zeros. */
const OWN = /^blocks\.\d+\.(gamma_[12]|attn\.(q_bias|v_bias|relative_position_bias_table))$/;
const INDEX = /^(rel_pos_bias|blocks\.\d+\.attn)\.relative_position_index$/;

/**
 * The encoder of BEiT, which SimMIM's is, too: biases by relative position, one table for all blocks or one each, factors on the
 * branches (`gamma_1`), biases of query and value alone.
 */
export const beit: EncoderFamily = {
  knows: (names) => names.has("blocks.0.gamma_1") && (names.has(SHARED_TABLE) || names.has(ownTable(0))),
  adapt(tensors, file) {
    const found = new Map<string, StoredTensor>(), shared = tensors.get(SHARED_TABLE), notes: string[] = [];
    const foreign = [...tensors.keys()].filter((name) =>
      isForeign(name) && !OWN.test(name) && !INDEX.test(name) && name !== SHARED_TABLE
    );
    refuseForeign(foreign, file, "BEiT's encoder here", "a BEiT or SimMIM");
    for (const [name, tensor] of tensors) {
      if (INDEX.test(name)) checkIndex(tensor, relativeIndex(gridOfTable(tensors, file)), file, name);
      else if (name !== SHARED_TABLE) found.set(name, tensor);
    }
    if (shared) {
      const blocks = new Set([...tensors.keys()].flatMap((name) => /^blocks\.(\d+)\./.exec(name)?.[1] ?? []));
      for (const block of blocks) found.set(ownTable(Number(block)), shared);
      notes.push("biases by relative position: one table, given to every block");
    }
    return { tensors: found, notes };
  },
  infer(reader, { heads, imageSize }) {
    const { dim: embedDim, patchSize } = embedding(reader), { file, tensors } = reader;
    if (heads !== undefined) refuseTold("heads", file, "table of relative positions");
    if (imageSize !== undefined) refuseTold("image-size", file, "table of relative positions");
    return {
      imageSize: gridOfTable(tensors, file) * patchSize,
      patchSize,
      embedDim,
      depth: reader.count(/^blocks\.(\d+)\./, "blocks"),
      numHeads: reader.shape(ownTable(0), 2)[1],
      mlpRatio: reader.shape("blocks.0.mlp.fc1.weight", 2)[0] / embedDim,
      positions: "relative",
      layerScale: LAYER_SCALE,
    };
  },
};

/** Patches per side, by the entries of a table. */
function gridOfTable(tensors: ShapeReader["tensors"], file: string): number {
  const name = tensors.has(SHARED_TABLE) ? SHARED_TABLE : ownTable(0), { shape } = tensors.get(name)!;
  const grid = (Math.sqrt(shape[0] - 3) + 1) / 2;
  if (Number.isInteger(grid) && relativeEntries(grid) === shape[0]) return grid;
  throw new UserError(
    `Cannot read ${file}: tensor '${name}' is ${shapeText(shape)}, want an odd number squared, and 3, times the heads`,
  );
}
