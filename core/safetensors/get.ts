import { UserError } from "../errors.ts";
import type { SafetensorsFile, Tensor, TensorData } from "./tensor.ts";

type ArrayType<T extends TensorData> = abstract new (...args: never[]) => T;

/**
 * A tensor of a file, its array known to be of one of the types, e.g. `getTensor(file, "lr", Float64Array).data`.
 *
 * @throws {UserError} when the file has no such tensor, or one of another type
 */
export function getTensor<T extends TensorData>(
  file: SafetensorsFile,
  key: string,
  ...types: ArrayType<T>[]
): Tensor & { data: T } {
  const tensor = file.tensors.get(key);
  if (!tensor) {
    const held = [...file.tensors.keys()], shown = held.slice(0, 8).join(", ");
    throw new UserError(
      `Cannot read ${file.name}: no tensor '${key}', it holds ${shown}${held.length > 8 ? ", …" : ""}`,
    );
  }
  if (!types.some((type) => tensor.data instanceof type)) {
    const wanted = types.map((type) => type.name).join(" or ");
    throw new UserError(`Cannot read ${file.name}: tensor '${key}' is ${tensor.dtype}, want ${wanted}`);
  }
  return tensor as Tensor & { data: T };
}
