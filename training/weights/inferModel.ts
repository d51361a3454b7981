import { UserError } from "../../core/errors.ts";
import { METHODS } from "../../core/methods/mod.ts";
import type { DecoderOptions } from "../../core/methods/official.ts";
import type { VitConfig } from "../../core/models/config.ts";
import { inferNet, isConvNet } from "../../core/models/convnet/inferNet.ts";
import { ShapeReader, type Shapes } from "../../core/models/shapeReader.ts";
import { shapeText } from "../../core/safetensors/tensor.ts";
import { inferHybrid, isHybridDict } from "./inferHybrid.ts";
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

/** Side of CIFAR's images, on which FreezeOut's nets were trained. */
const CIFAR_SIDE = 32;
/** Width of a head in vision transformers up to ViT-L (DeiT, timm). */
const HEAD_WIDTH = 64, MOST_OF_64 = 1024;
/** Heads of larger ones by width: SO400M, ViT-H, ViT-g, ViT-G and ViT-e of timm and of the papers; DINOv2's ViT-g of 1536. */
const HEADS: Readonly<Record<number, number>> = { 1152: 16, 1280: 16, 1408: 16, 1536: 24, 1664: 16, 1792: 16 };

/**
 * Tells from names and shapes which model a state dict belongs to: that of a method where it has the method's decoders, a
 * classifier where it has a head behind `fc_norm`, a convolutional net where it has that one's blocks, else an encoder.
 *
 * @param file its name, for error messages
 * @throws {UserError} when it is none of them, or an option would have no effect
 */
export function inferModel(tensors: Shapes, options: ModelOptions, file: string, encoderOnly: boolean): Inferred {
  const reader = new ShapeReader(tensors, file), assumed: string[] = [];
  if (isConvNet(tensors)) return inferNetModel(tensors, options, file);
  const vit = isHybridDict(tensors) ? hybrid(reader, options, assumed) : inferVit(reader, options, assumed);
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

/** A convolutional net: names and shapes tell all but the side of its images. */
function inferNetModel(tensors: Shapes, { imageSize, ...others }: ModelOptions, file: string): Inferred {
  const idle = Object.entries(others).find(([, value]) => value !== undefined);
  if (idle) {
    const flag = idle[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UserError(`Cannot use --${flag}: ${file} holds a convolutional net, want the flag left away`);
  }
  const { name, config } = inferNet(tensors, file, imageSize ?? CIFAR_SIDE);
  return {
    model: checkModel(name, config, file),
    assumed: imageSize === undefined ? [`--image-size ${CIFAR_SIDE}`] : [],
  };
}

function inferVit(reader: ShapeReader, { heads, imageSize }: ModelOptions, assumed: string[]): VitConfig {
  const [embedDim, colours, patchSize] = reader.shape("patch_embed.proj.weight", 4), { file } = reader;
  if (colours !== 3) throw new UserError(`Cannot use the model of ${file}: its images have ${colours} colours, want 3`);
  return {
    imageSize: inferImageSize(reader, patchSize, imageSize),
    patchSize,
    embedDim,
    depth: reader.count(/^blocks\.(\d+)\./, "blocks"),
    numHeads: inferHeads(embedDim, heads, assumed, file),
    mlpRatio: reader.shape("blocks.0.mlp.fc1.weight", 2)[0] / embedDim,
  };
}

/** A hybrid encoder. */
function hybrid(reader: ShapeReader, { heads, imageSize }: ModelOptions, assumed: string[]): VitConfig {
  if (imageSize !== undefined && reader.tensors.has("pos_embed")) throw toldByPositions(reader.file);
  return inferHybrid(reader, { heads: (embedDim) => inferHeads(embedDim, heads, assumed, reader.file), imageSize });
}

function inferHeads(embedDim: number, given: number | undefined, assumed: string[], file: string): number {
  const heads = given ?? headsOf(embedDim);
  if (heads === undefined) {
    const found = embedDim > MOST_OF_64 ? "that of no known model" : "no multiple of 64";
    throw new UserError(`Cannot tell the heads of ${file}: its width ${embedDim} is ${found}, want --heads N`);
  }
  if (given === undefined) assumed.push(`--heads ${heads}`);
  return heads;
}

const toldByPositions = (file: string) =>
  new UserError(`Cannot use --image-size: ${file} tells it by its positions, want the flag left away`);

/** Heads of a published model; nothing where the width does not tell. */
function headsOf(embedDim: number): number | undefined {
  const heads = embedDim / HEAD_WIDTH;
  return embedDim > MOST_OF_64 ? HEADS[embedDim] : Number.isInteger(heads) ? heads : undefined;
}

function inferImageSize({ tensors, file }: ShapeReader, patchSize: number, given?: number): number {
  const positions = tensors.get("pos_embed");
  if (positions && given !== undefined) throw toldByPositions(file);
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
