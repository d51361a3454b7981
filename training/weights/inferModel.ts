import { UserError } from "../../core/errors.ts";
import { LOCALMIM_TARGETS, LOCALMIM_VIT_B, type LocalMimConfig } from "../../core/methods/localmim/config.ts";
import type { VitConfig } from "../../core/models/config.ts";
import { checkModel, type Model } from "./model.ts";
import { ShapeReader, type Tensors } from "./shapeReader.ts";
import { shapeText } from "./tensors.ts";

/** What shapes do not tell of a model; the defaults are those of the published ones. */
export interface ModelOptions {
  /** Heads of the encoder; without it, each is 64 wide. */
  heads?: number;
  /** Side of the image in pixels, for files without positions. */
  imageSize?: number;
  /** Heads of every decoder. */
  decoderHeads?: number;
  /** Blocks that the decoders follow. */
  stageBlocks?: number[];
}

/** A model, and what of it was assumed. */
export interface Inferred {
  model: Model;
  assumed: string[];
}

/** Width of a head in DeiT's and timm's vision transformers. */
const HEAD_WIDTH = 64;

/**
 * Tells from names and shapes which model a state dict belongs to: LocalMIM where it has decoders, a classifier where it has
 * a head behind `fc_norm`, else an encoder.
 *
 * @param file its name, for error messages
 * @throws {UserError} when it is none of them, or an option would have no effect
 */
export function inferModel(tensors: Tensors, options: ModelOptions, file: string, encoderOnly: boolean): Inferred {
  const reader = new ShapeReader(tensors, file), assumed: string[] = [];
  const vit = inferVit(reader, options, assumed);
  const withDecoders = !encoderOnly && tensors.has("decoder.0.embed.weight");
  const idle = (["decoderHeads", "stageBlocks"] as const).find((key) => options[key] !== undefined);
  if (idle && !withDecoders) {
    const flag = idle === "decoderHeads" ? "decoder-heads" : "stage-blocks";
    throw new UserError(`Cannot use --${flag}: no decoder is read from ${file}, want it left away`);
  }
  if (withDecoders) {
    const config = inferLocalMim(reader, vit, options, assumed);
    return { model: checkModel({ kind: "localmim", config }, file), assumed };
  }
  if (!encoderOnly && tensors.has("fc_norm.weight") && tensors.has("head.weight")) {
    const [numClasses] = reader.shape("head.weight", 2);
    return { model: checkModel({ kind: "classifier", config: { ...vit, numClasses } }, file), assumed };
  }
  return { model: checkModel({ kind: "encoder", config: vit }, file), assumed };
}

function inferVit(reader: ShapeReader, { heads, imageSize }: ModelOptions, assumed: string[]): VitConfig {
  const [embedDim, colours, patchSize] = reader.shape("patch_embed.proj.weight", 4), { file } = reader;
  if (colours !== 3) throw new UserError(`Cannot use the model of ${file}: its images have ${colours} colours, want 3`);
  const numHeads = heads ?? embedDim / HEAD_WIDTH;
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

function inferLocalMim(
  reader: ShapeReader,
  vit: VitConfig,
  options: ModelOptions,
  assumed: string[],
): LocalMimConfig {
  const stages = reader.count(/^decoder\.(\d+)\./, "decoders");
  const heads = Array.from({ length: stages }, (_, stage) => inferHead(reader, `decoder.${stage}.pred`));
  const stageScales = heads.map(({ scale }) => scale);
  const decoderHeads = options.decoderHeads ?? LOCALMIM_VIT_B.decoderHeads;
  if (options.decoderHeads === undefined) assumed.push(`--decoder-heads ${decoderHeads}`);
  const stageBlocks = options.stageBlocks ?? defaultBlocks(vit.depth, stageScales, reader.file);
  if (!options.stageBlocks) assumed.push(`--stage-blocks ${stageBlocks.join(",")}`);
  return {
    ...vit,
    maskRatio: LOCALMIM_TARGETS.maskRatio,
    stageBlocks,
    stageScales,
    decoderDim: reader.shape("decoder.0.embed.weight", 2)[0],
    decoderHeads,
    hogBins: heads[0].channels / 3,
  };
}

/** Scale and output channels of a decoder's head: which layers it has tells them apart (LocalMIM code). */
function inferHead({ tensors, file }: ShapeReader, name: string): { scale: number; channels: number } {
  const has = (index: number) => tensors.get(`${name}.${index}.weight`);
  const [first, second, last] = [has(0), has(1), has(4)];
  if (last) return { scale: 4, channels: last.shape[0] };
  if (first && second) return { scale: 2, channels: second.shape[0] };
  if (first) return { scale: 1, channels: first.shape[0] };
  if (second) return { scale: 0.5, channels: second.shape[0] };
  throw new UserError(`Cannot read ${file}: it holds no tensors ${name}.*`);
}

/** Blocks 2, 4, depth - 2 and depth (LocalMIM code); freezing drops the first decoders, so the last ones count. */
function defaultBlocks(depth: number, scales: readonly number[], file: string): number[] {
  const known = LOCALMIM_TARGETS.stageScales, from = known.length - scales.length;
  const published = depth > 6 && from >= 0 && scales.every((scale, stage) => scale === known[from + stage]);
  if (published) return [2, 4, depth - 2, depth].slice(from);
  throw new UserError(
    `Cannot tell which of ${depth} blocks the decoders of ${file} follow, whose scales are ${scales.join(", ")}: ` +
      "want --stage-blocks N,N",
  );
}
