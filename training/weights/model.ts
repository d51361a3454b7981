import { z } from "zod";
import { type ParameterSpec, sizeOf } from "../../core/engine/program.ts";
import { UserError } from "../../core/errors.ts";
import { type ClassifierConfig, classifierParameters } from "../../core/models/classifier.ts";
import { gridSize, type VitConfig } from "../../core/models/config.ts";
import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import { encoderParameters, localMimParameters } from "../../core/methods/localmim/parameters.ts";
import { normParameters } from "../../core/models/parameters.ts";
import { modelConfigSchema } from "../config.ts";

/** The model that a file of weights belongs to. */
export type Model =
  | { kind: "localmim"; config: LocalMimConfig }
  | { kind: "classifier"; config: ClassifierConfig }
  | { kind: "encoder"; config: VitConfig };

/** Format of our own files, as their metadata name it. */
export const FORMAT = "vitfreeze";

const vitSchema = modelConfigSchema.pick({
  imageSize: true,
  patchSize: true,
  embedDim: true,
  depth: true,
  numHeads: true,
  mlpRatio: true,
}).strict();
/** A run's classifier keeps the settings of its pre-training beside; they are dropped. */
const classifierSchema = vitSchema.extend({ numClasses: z.int("a whole number").positive("a number from 1") }).strip();
const modelSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("localmim"), config: modelConfigSchema }),
  z.strictObject({
    kind: z.literal("classifier"),
    config: classifierSchema,
  }),
  z.strictObject({ kind: z.literal("encoder"), config: vitSchema }),
], "localmim, classifier or encoder");

/**
 * The model that a file's metadata describe.
 *
 * @param file its name, for error messages
 * @returns nothing when they are not of our own format
 * @throws {UserError} when they are, but describe no model
 */
export function modelOf(metadata: Record<string, string>, file: string): Model | undefined {
  if (metadata.format !== FORMAT) return undefined;
  let config: unknown;
  try {
    config = JSON.parse(metadata.model);
  } catch {
    throw new UserError(`Cannot read ${file}: the model in its metadata is no JSON`);
  }
  return checkModel({ kind: metadata.kind, config }, file);
}

/**
 * Makes sure that a value is a model whose sizes fit each other.
 *
 * @param file whose model it is, for the error message
 * @throws {UserError} naming the first that does not
 */
export function checkModel(value: unknown, file: string): Model {
  const parsed = modelSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new UserError(`Cannot use the model of ${file}: at ${path.join(".")}: want ${message}`);
  }
  const model = parsed.data;
  const fault = vitFault(model.config) ?? (model.kind === "localmim" ? stagesFault(model.config) : undefined);
  if (fault) throw new UserError(`Cannot use the model of ${file}: ${fault}`);
  return model;
}

function vitFault(config: VitConfig): string | undefined {
  const { imageSize, patchSize, embedDim, numHeads, depth } = config;
  if (!Number.isInteger(gridSize(config))) return `patches of ${patchSize} pixels do not divide ${imageSize} pixels`;
  if (embedDim % 4) return `its width is ${embedDim}, want a multiple of 4`;
  if (embedDim % numHeads) {
    return `${numHeads} heads do not divide a width of ${embedDim}, want another number of heads`;
  }
  if (depth > 1000) return `it has ${depth} blocks, want at most 1000`;
}

function stagesFault(
  { depth, stageBlocks, stageScales, decoderDim, decoderHeads }: LocalMimConfig,
): string | undefined {
  if (stageBlocks.length !== stageScales.length) {
    return `it has ${stageScales.length} decoders after ${stageBlocks.length} blocks, want as many`;
  }
  if (stageBlocks.some((block, i) => block > depth || block <= (stageBlocks[i - 1] ?? 0))) {
    return `its decoders follow blocks ${stageBlocks.join(", ")}, want ascending numbers up to ${depth}`;
  }
  if (decoderDim % 4) return `its decoders have width ${decoderDim}, want a multiple of 4`;
  if (decoderDim % decoderHeads) {
    return `${decoderHeads} decoder heads do not divide a width of ${decoderDim}, want another number of decoder heads`;
  }
}

/** Names and shapes of a model's tensors in our own files; of an encoder, with the last norm. */
export function modelParameters(model: Model): ParameterSpec[] {
  if (model.kind === "localmim") return localMimParameters(model.config);
  if (model.kind === "classifier") return classifierParameters(model.config);
  return [...encoderParameters(model.config), ...normParameters("norm", model.config.embedDim)];
}

/** Whether a file of the model may lack a tensor: an encoder taken from a classifier has no last norm. */
export function mayLack({ kind }: Model, name: string): boolean {
  return kind === "encoder" && name.startsWith("norm.");
}

/** The encoder of a model. */
export function encoderOf({ config }: Model): Model & { kind: "encoder" } {
  const { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } = config;
  return { kind: "encoder", config: { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } };
}

/** A model in one line. */
export function modelText({ kind, config }: Model): string {
  const { imageSize, patchSize, embedDim, depth, numHeads } = config;
  const vit = `${kind}: width ${embedDim}, ${depth} blocks, ${numHeads} heads, ` +
    `${imageSize} pixels in patches of ${patchSize}`;
  if (kind === "classifier") return `${vit}, ${config.numClasses} classes`;
  if (kind === "encoder") return vit;
  const { stageBlocks, decoderDim, decoderHeads } = config;
  return `${vit}; ${stageBlocks.length} decoders after blocks ${stageBlocks.join(", ")}: ` +
    `width ${decoderDim}, ${decoderHeads} heads`;
}

/** Number of elements of all tensors. */
export function elements(tensors: Iterable<{ shape: readonly number[] }>): number {
  return [...tensors].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
