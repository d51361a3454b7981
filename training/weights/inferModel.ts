import { UserError } from "../../core/errors.ts";
import { METHODS } from "../../core/methods/mod.ts";
import type { DecoderOptions } from "../../core/methods/official.ts";
import { inferNet, isConvNet } from "../../core/models/convnet/inferNet.ts";
import { ShapeReader, type Shapes } from "../../core/models/shapeReader.ts";
import type { EncoderOptions } from "./families/family.ts";
import { familyOf } from "./families/mod.ts";
import { checkModel, type Model } from "./model.ts";

/** What shapes do not tell of a model; the defaults are those of the published ones. */
export interface ModelOptions extends EncoderOptions, DecoderOptions {}

/** A model, and what of it was assumed. */
export interface Inferred {
  model: Model;
  assumed: string[];
}

/** Side of CIFAR's images, on which FreezeOut's nets were trained. */
const CIFAR_SIDE = 32;

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
  const vit = familyOf(tensors).infer(reader, options, assumed);
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
