import { Arena } from "../../core/engine/arena.ts";
import type { ParameterSpec } from "../../core/engine/program.ts";
import { UserError } from "../../core/errors.ts";
import type { EncoderConfig } from "../../core/models/config.ts";
import { encoderSpecs } from "../../core/probes/features.ts";
import type { Tensor } from "../../core/safetensors/tensor.ts";
import { encoderWeights, type Weights } from "../../training/weights/convert.ts";
import { modelParameters, vitOf } from "../../training/weights/model.ts";

/** The weights of an arena, copied out of it. */
export function weightsIn(arena: Arena): Map<string, Tensor> {
  return new Map(
    arena.names().map((name) => [name, { dtype: "F32", shape: arena.shape(name), data: arena.view(name).slice() }]),
  );
}

/**
 * Weights laid out for an engine.
 *
 * @param what is done with them, for the error message
 * @throws {UserError} when one is missing or of another shape or type
 */
export function arenaOf(specs: readonly ParameterSpec[], { model, tensors }: Weights, what: string): Arena {
  const arena = new Arena(specs, 1);
  for (const { name, shape } of specs) {
    const tensor = tensors.get(name), wanted = `F32 [${shape}]`;
    const found = tensor ? `${tensor.dtype} [${tensor.shape}]` : "not there";
    if (found !== wanted || !(tensor!.data instanceof Float32Array)) {
      throw new UserError(`Cannot ${what} weights of kind ${model.kind}: '${name}' is ${found}, want ${wanted}`);
    }
    arena.view(name).set(tensor!.data);
  }
  return arena;
}

/** The encoder of weights: its shape, and its parameters laid out. */
export interface Encoder {
  model: EncoderConfig;
  arena: Arena;
}

/**
 * The encoder of what a pre-training has left, or of an encoder from elsewhere, whose positions may be learned ones. A
 * classifier is refused: `encoderWeights` takes the encoder out of it.
 *
 * @throws {UserError} when the weights are others
 */
export function encoderOf(weights: Weights): Encoder {
  const { kind } = weights.model;
  if (kind === "classifier" || kind === "linear") {
    throw new UserError(`Cannot start from weights of kind ${kind}: want those of a pre-training, or an encoder`);
  }
  const model = vitOf(weights.model);
  const trained = kind === "encoder" || modelParameters(weights.model).some(({ name }) => name === "pos_embed");
  const specs = encoderSpecs(model, trained && weights.tensors.has("pos_embed")), { tensors } = encoderWeights(weights);
  return { model, arena: arenaOf(specs, { model: weights.model, tensors }, "start from") };
}
