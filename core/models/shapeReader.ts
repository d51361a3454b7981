import { UserError } from "../errors.ts";
import { shapeText } from "../safetensors/tensor.ts";

/** The shapes of a state dict by the names of its tensors. */
export type Shapes = ReadonlyMap<string, { shape: readonly number[] }>;

/** Shapes of a state dict; what is not there is the user's error. */
export class ShapeReader {
  /** @param what the tensors should be of, for error messages */
  constructor(readonly tensors: Shapes, readonly file: string, readonly what = "a ViT") {}

  /** @throws {UserError} when the tensor is missing, empty or of another rank */
  shape(name: string, rank: number): readonly number[] {
    const found = this.tensors.get(name);
    if (!found) {
      throw new UserError(`Cannot read ${this.file}: it holds no '${name}', want the weights of ${this.what}`);
    }
    if (found.shape.length === rank && !found.shape.includes(0)) return found.shape;
    throw new UserError(`Cannot read ${this.file}: '${name}' is ${shapeText(found.shape)}, want ${rank} dimensions`);
  }

  /**
   * How many members a family of names has, numbered from 0.
   *
   * @throws {UserError} when a number is missing
   */
  count(pattern: RegExp, what: string): number {
    const found = [...this.tensors.keys()].flatMap((name) => pattern.exec(name)?.[1] ?? []);
    const numbers = new Set(found.map(Number));
    for (let i = 0; i < numbers.size; i++) {
      if (!numbers.has(i)) throw new UserError(`Cannot read ${this.file}: of its ${what}, number ${i} is missing`);
    }
    return numbers.size;
  }
}
