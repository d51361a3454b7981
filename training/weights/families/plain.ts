import { UserError } from "../../../core/errors.ts";
import type { ShapeReader } from "../../../core/models/shapeReader.ts";
import { shapeText } from "../../../core/safetensors/tensor.ts";
import { withClassPosition } from "./classPosition.ts";
import type { EncoderFamily } from "./family.ts";
import { withoutLayerScale } from "./layerScale.ts";
import { checkEncoderNames } from "./plainNames.ts";
import { embedding, inferHeads, refuseTold } from "./size.ts";

/** A plain vision transformer under timm's names. */
export const plain: EncoderFamily = {
  knows: () => true,
  adapt(tensors, file, allowNan) {
    const folded = withoutLayerScale(tensors, file, allowNan), whole = withClassPosition(folded.tensors, file);
    checkEncoderNames([...whole.tensors.keys()], file);
    return { tensors: whole.tensors, notes: [...folded.notes, ...whole.notes] };
  },
  infer(reader, { heads, imageSize }, assumed) {
    const { dim: embedDim, patchSize } = embedding(reader);
    return {
      imageSize: sizeByPositions(reader, patchSize, imageSize),
      patchSize,
      embedDim,
      depth: reader.count(/^blocks\.(\d+)\./, "blocks"),
      numHeads: inferHeads(embedDim, heads, assumed, reader.file),
      mlpRatio: reader.shape("blocks.0.mlp.fc1.weight", 2)[0] / embedDim,
    };
  },
};

/** Side of the image, by the positions of its patches behind the class token's, or as given where there are none. */
function sizeByPositions({ tensors, file }: ShapeReader, patchSize: number, given?: number): number {
  const positions = tensors.get("pos_embed");
  if (positions && given !== undefined) refuseTold("image-size", file, "positions");
  if (given !== undefined) return given;
  if (!positions) {
    throw new UserError(`Cannot tell the image size of ${file}: it holds no pos_embed, want --image-size N`);
  }
  const side = Math.sqrt(positions.shape[1] - 1);
  if (!Number.isInteger(side)) {
    const found = shapeText(positions.shape);
    throw new UserError(`Cannot read ${file}: pos_embed is ${found}, want a square of patches and the class token`);
  }
  return side * patchSize;
}
