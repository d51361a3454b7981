import { UserError } from "../../core/errors.ts";
import { METHODS } from "../../core/methods/mod.ts";
import type { DecoderOptions } from "../../core/methods/official.ts";
import type { VitConfig } from "../../core/models/config.ts";
import { ShapeReader, type Shapes } from "../../core/models/shapeReader.ts";
import { shapeText } from "../../core/safetensors/tensor.ts";
import { checkModel, type Model } from "./model.ts";

/** What shapes do not tell of a model; the defaults are those of the published ones. */
export interface ModelOptions extends DecoderOptions {
  /** Heads of the encoder; without it, each is 64 wide. */
  heads?: number;
  /** Side of the image in pixels, for files without positions. */
  imageSize?: number;
}

/** A model, and what of it was assumed. */
export interface Inferred {
  model: Model;
  assumed: string[];
}

/** Width of a head in DeiT's and timm's vision transformers. */
const HEAD_WIDTH = 64;
/** Heads of models that have others, by width: SO400M, ViT-H, ViT-g and ViT-G of timm and of the papers. */
const HEADS: Readonly<Record<number, number>> = { 1152: 16, 1280: 16, 1408: 16, 1664: 16 };

/**
 * Tells from names and shapes which model a state dict belongs to: that of a method where it has the method's decoders, a
 * classifier where it has a head behind `fc_norm`, else an encoder.
 *
 * @param file its name, for error messages
 * @throws {UserError} when it is none of them, or an option would have no effect
 */
export function inferModel(tensors: Shapes, options: ModelOptions, file: string, encoderOnly: boolean): Inferred {
  const reader = new ShapeReader(tensors, file), assumed: string[] = [];
  const vit = inferVit(reader, options, assumed);
  const [name, method] = (!encoderOnly && Object.entries(METHODS).find(([, each]) => each.official?.knows(tensors))) ||
    [];
  const idle = (["decoderHeads", "stageBlocks"] as const).find((key) => options[key] !== undefined);
  if (idle && !method) {
    const flag = idle === "decoderHeads" ? "decoder-heads" : "stage-blocks";
    throw new UserError(`Cannot use --${flag}: no decoder is read from ${file}, want it left away`);
  }
  if (name !== undefined) {
    const config = method!.official!.infer(reader, vit, options, assumed);
    return { model: checkModel(name, config, file), assumed };
  }
  if (!encoderOnly && tensors.has("fc_norm.weight") && tensors.has("head.weight")) {
    const [numClasses] = reader.shape("head.weight", 2);
    return { model: checkModel("classifier", { ...vit, numClasses }, file), assumed };
  }
  return { model: checkModel("encoder", vit, file), assumed };
}

function inferVit(reader: ShapeReader, { heads, imageSize }: ModelOptions, assumed: string[]): VitConfig {
  const [embedDim, colours, patchSize] = reader.shape("patch_embed.proj.weight", 4), { file } = reader;
  if (colours !== 3) throw new UserError(`Cannot use the model of ${file}: its images have ${colours} colours, want 3`);
  const numHeads = heads ?? HEADS[embedDim] ?? embedDim / HEAD_WIDTH;
  if (!Number.isInteger(numHeads)) {
    throw new UserError(`Cannot tell the heads of ${file}: its width ${embedDim} is no multiple of 64, want --heads N`);
  }
  if (heads === undefined) assumed.push(`--heads ${numHeads}`);
  return {
    imageSize: inferImageSize(reader, patchSize, imageSize),
    patchSize,
    embedDim,
    depth: reader.count(/^blocks\.(\d+)\./, "blocks"),
    numHeads,
    mlpRatio: reader.shape("blocks.0.mlp.fc1.weight", 2)[0] / embedDim,
  };
}

function inferImageSize({ tensors, file }: ShapeReader, patchSize: number, given?: number): number {
  const positions = tensors.get("pos_embed");
  if (positions && given !== undefined) {
    throw new UserError(`Cannot use --image-size: ${file} tells it by its positions, want the flag left away`);
  }
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
