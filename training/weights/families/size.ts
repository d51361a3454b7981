import { UserError } from "../../../core/errors.ts";
import type { ShapeReader } from "../../../core/models/shapeReader.ts";

/** Width of a head in vision transformers up to ViT-L (DeiT, timm). */
const HEAD_WIDTH = 64, MOST_OF_64 = 1024;
/** Heads of larger ones by width: SO400M, ViT-H, ViT-g, ViT-G and ViT-e of timm and of the papers; DINOv2's ViT-g of 1536. */
const HEADS: Readonly<Record<number, number>> = { 1152: 16, 1280: 16, 1408: 16, 1536: 24, 1664: 16, 1792: 16 };

/**
 * The heads of an encoder: those that are given, or those of a published model.
 *
 * @throws {UserError} when neither is there
 */
export function inferHeads(embedDim: number, given: number | undefined, assumed: string[], file: string): number {
  const heads = given ?? headsOf(embedDim);
  if (heads === undefined) {
    const found = embedDim > MOST_OF_64 ? "that of no known model" : "no multiple of 64";
    throw new UserError(`Cannot tell the heads of ${file}: its width ${embedDim} is ${found}, want --heads N`);
  }
  if (given === undefined) assumed.push(`--heads ${heads}`);
  return heads;
}

/** Heads of a published model; nothing where the width does not tell. */
function headsOf(embedDim: number): number | undefined {
  const heads = embedDim / HEAD_WIDTH;
  return embedDim > MOST_OF_64 ? HEADS[embedDim] : Number.isInteger(heads) ? heads : undefined;
}

/** Refuses an option that the file itself answers. */
export function refuseTold(flag: "heads" | "image-size", file: string, by: string): never {
  throw new UserError(`Cannot use --${flag}: ${file} tells it by its ${by}, want the flag left away`);
}

/**
 * Channels of the patch embedding and side of its patches.
 *
 * @throws {UserError} when it takes images of other than three colours
 */
export function embedding(reader: ShapeReader, name = "patch_embed.proj.weight"): { dim: number; patchSize: number } {
  const [dim, colours, patchSize] = reader.shape(name, 4), { file } = reader;
  if (colours !== 3) throw new UserError(`Cannot use the model of ${file}: its images have ${colours} colours, want 3`);
  return { dim, patchSize };
}
