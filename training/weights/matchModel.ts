import { UserError } from "../../core/errors.ts";
import { shapeText, type Tensor } from "../../core/safetensors/tensor.ts";
import { kindOf, type Model } from "./model.ts";
import { namesText } from "./names.ts";
import { type StoredTensor, toFloat32 } from "./tensors.ts";

/** How far fixed positions may be off: halves and brain floats round to 2^-9, learned positions differ by far more. */
const POSITION_TOLERANCE = 1e-2;

/**
 * Takes a model's parameters out of a state dict, in our own names or in the official ones, which are the same with the
 * fixed tensors beside. Fixed tensors are left out; one that may be learned, and has other values, is taken as it is.
 *
 * @param file the dict's file, for error messages
 * @returns float32 tensors under the names of our own files
 * @throws {UserError} naming tensors that are missing, too many, of another shape, or fixed with other values
 */
export function matchModel(
  tensors: ReadonlyMap<string, StoredTensor>,
  model: Model,
  file: string,
): Map<string, Tensor> {
  const { parameters, mayLack, fixed: fixedOf, mayBeLearned, isIdle } = kindOf(model);
  const wanted = parameters(model.config),
    known = new Set(wanted.map(({ name }) => name)),
    fixed = fixedOf(model.config);
  const missing = wanted.filter(({ name }) => !tensors.has(name) && !mayLack(name)).map(({ name }) => name);
  const extra = [...tensors.keys()].filter((name) => !known.has(name) && !fixed.has(name) && !isIdle(name)).sort();
  if (missing.length > 0) {
    const also = extra.length > 0 ? `, and holds ${namesText(extra)}, which that does not have` : "";
    throw new UserError(`Cannot read ${file}: it lacks ${namesText(missing)} of the ${model.kind}${also}`);
  }
  if (extra.length > 0) {
    throw new UserError(
      `Cannot read ${file}: it holds ${namesText(extra)}, which the ${model.kind} does not have; ` +
        (kindOf(model).vit ? "want --encoder-only to take the encoder alone" : "want no others"),
    );
  }
  const taken = wanted.filter(({ name }) => tensors.has(name)).map(({ name, shape }) => {
    const stored = checkShape(tensors.get(name)!, shape, file, name);
    return [name, { dtype: "F32", shape, data: toFloat32(stored, file, name) } satisfies Tensor] as const;
  });
  const learned = [...fixed].filter(([name]) => tensors.has(name)).flatMap(([name, { shape, data }]) => {
    const found = toFloat32(checkShape(tensors.get(name)!, shape, file, name), file, name);
    const worst = largestDifference(found, data as Float32Array);
    if (worst <= POSITION_TOLERANCE) return [];
    if (mayBeLearned(name)) return [[name, { dtype: "F32", shape, data: found } satisfies Tensor] as const];
    throw new UserError(
      `Cannot use ${file}: its ${name} differs by ${worst.toFixed(3)} from the fixed values that the model has, ` +
        `want at most ${POSITION_TOLERANCE}${name === "pos_embed" ? ", or --encoder-only, which keeps them" : ""}`,
    );
  });
  return new Map([...taken, ...learned]);
}

function checkShape(stored: StoredTensor, shape: readonly number[], file: string, name: string): StoredTensor {
  const found = shapeText(stored.shape), want = shapeText(shape);
  if (found !== want) throw new UserError(`Cannot read ${file}: tensor '${name}' is ${found}, want ${want}`);
  return stored;
}

/** NaN when one of the numbers is. */
function largestDifference(found: Float32Array, wanted: Float32Array): number {
  return found.reduce((most, value, i) => {
    const error = Math.abs(value - wanted[i]);
    return error <= most ? most : error;
  }, 0);
}
