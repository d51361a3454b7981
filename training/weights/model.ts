import { type ParameterSpec, sizeOf } from "../../core/engine/program.ts";
import { UserError } from "../../core/errors.ts";
import type { EncoderConfig } from "../../core/models/config.ts";
import { schemaFault } from "../../core/schemaFault.ts";
import { WEIGHTS_FORMAT } from "../checkpoint/weightsFile.ts";
import type { ModelFacts } from "../phases/runner.ts";
import { KINDS, type ModelKind } from "./kinds.ts";

/** The model that a file of weights belongs to: `kind` is one of {@link KINDS}, and its schema has taken `config`. */
export type Model = ModelFacts;

/**
 * The model that a file's metadata describe.
 *
 * @param file its name, for error messages
 * @returns nothing when they are not of our own format
 * @throws {UserError} when they are, but describe no model
 */
export function modelOf({ format, kind, model }: Record<string, string>, file: string): Model | undefined {
  if (format !== WEIGHTS_FORMAT) return undefined;
  let config: unknown;
  try {
    config = JSON.parse(model);
  } catch {
    throw new UserError(`Cannot read ${file}: the model in its metadata is no JSON`);
  }
  return checkModel(kind, config, file);
}

/**
 * Makes sure that a config is one of its kind, and its values fit each other.
 *
 * @param file whose model it is, for the error message
 * @throws {UserError} naming the first that does not
 */
export function checkModel(kind: string, config: unknown, file: string): Model {
  if (!Object.hasOwn(KINDS, kind)) {
    const [last, ...others] = Object.keys(KINDS).reverse(), known = `${others.reverse().join(", ")} or ${last}`;
    throw new UserError(`Cannot use the model of ${file}: kind ${JSON.stringify(kind) ?? "nothing"}: want ${known}`);
  }
  const { schema, fault } = KINDS[kind], parsed = schema.safeParse(config);
  const wrong = parsed.success ? fault(parsed.data) : schemaFault(parsed.error, config);
  if (wrong) throw new UserError(`Cannot use the model of ${file}: ${wrong}`);
  return { kind, config: parsed.data as object };
}

/** What there is to know of a model's kind. */
export function kindOf({ kind }: Model): ModelKind<unknown> {
  return KINDS[kind];
}

/** Names and shapes of a model's tensors in our own files; of an encoder, with the last norm. */
export function modelParameters(model: Model): ParameterSpec[] {
  return kindOf(model).parameters(model.config);
}

/**
 * The shape of a model's encoder.
 *
 * @throws {UserError} when it has none
 */
export function vitOf(model: Model): EncoderConfig {
  const { vit } = kindOf(model);
  if (!vit) throw new UserError(`Cannot take the encoder of a ${model.kind}: it has none, want the weights of a ViT`);
  return vit(model.config);
}

/**
 * The encoder of a model.
 *
 * @throws {UserError} when it has none
 */
export function encoderOf(model: Model): Model {
  return { kind: "encoder", config: vitOf(model) };
}

/**
 * A model in one line.
 *
 * @example
 * ```ts
 * import { modelText } from "@vitfreeze/vitfreeze/weights";
 * import { deepStrictEqual } from "node:assert";
 *
 * const config = { imageSize: 224, patchSize: 16, embedDim: 768, depth: 12, numHeads: 12, mlpRatio: 4 };
 * const text = modelText({ kind: "encoder", config });
 * deepStrictEqual(text, "encoder: width 768, 12 blocks, 12 heads, 224 pixels in patches of 16");
 * ```
 */
export function modelText(model: Model): string {
  return `${model.kind}: ${kindOf(model).text(model.config)}`;
}

/** Number of elements of all tensors. */
export function elements(tensors: Iterable<{ shape: readonly number[] }>): number {
  return [...tensors].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
