import { guarded, PickleError } from "../../core/pickle/errors.ts";
import { globalsOf, type PickleHost } from "../../core/pickle/host.ts";
import { latin1, latin1Bytes } from "../../core/pickle/latin1.ts";
import { readPickle } from "../../core/pickle/readPickle.ts";
import { describe, Foreign, PickleGlobal, type PickleValue, sequence } from "../../core/pickle/values.ts";

/** The type of an array's elements; only unsigned bytes are known. */
export class PickledType extends Foreign {
  readonly kind = "a type of elements";
}

/** An array of unsigned bytes in C order; empty until the pickle tells its state. */
export class PickledArray extends Foreign {
  readonly kind = "an array";
  shape: number[] = [0];
  data: Uint8Array = new Uint8Array();
}

const RECONSTRUCT = ["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"];
const NDARRAY = new PickleGlobal("numpy.ndarray");

const HOST: PickleHost = {
  globals: globalsOf([
    NDARRAY,
    ...RECONSTRUCT.map((name) => new PickleGlobal(name, reconstruct)),
    new PickleGlobal("numpy.dtype", elementType),
    new PickleGlobal("_codecs.encode", encode),
  ]),
  build(target, state) {
    if (target instanceof PickledArray) fill(target, sequence(state) ?? []);
    return target instanceof PickledArray || target instanceof PickledType;
  },
};

/**
 * Reads a pickle of CIFAR's Python version: plain values and numpy's arrays of bytes. Nothing in it is run, and what is
 * kept grows with the pickle's length at most.
 *
 * @param name the file, for messages
 * @returns the value; arrays and byte strings are views of `bytes`
 * @throws {UserError} naming file and byte of whatever is not allowed, damaged or cut
 */
export function readCifarPickle(bytes: Uint8Array, name: string): PickleValue {
  return guarded(name, () => readPickle(bytes, HOST));
}

/** Text of a string of either kind, Python 2's or 3's; undefined for anything else. */
export function textOf(value: PickleValue | undefined): string | undefined {
  return typeof value === "string" ? value : value instanceof Uint8Array ? latin1(value) : undefined;
}

/** An empty array of (type, shape, element type); its state tells the last two. */
function reconstruct([type = null]: readonly PickleValue[]): PickleValue {
  if (type === NDARRAY) return new PickledArray();
  throw new PickleError(`an array is ${describe(type)}, want ${NDARRAY.name}`);
}

/** A type of elements of (name, align, copy). */
function elementType([name = null]: readonly PickleValue[]): PickleValue {
  if (textOf(name) === "u1") return new PickledType();
  throw new PickleError(`an array of ${describe(textOf(name) ?? name)}, want one of bytes, 'u1'`);
}

/** The bytes of (text, "latin1"): how Python 3 writes bytes in protocols 0 to 2. */
function encode([text = null, encoding = null]: readonly PickleValue[]): PickleValue {
  if (typeof text === "string" && textOf(encoding) === "latin1") return latin1Bytes(text);
  throw new PickleError(`bytes are ${describe(text)} in ${describe(encoding)}, want a text in 'latin1'`);
}

/** Gives an array its state of (version, shape, element type, column order, data). */
function fill(array: PickledArray, [, shape, type, columns, data]: readonly PickleValue[]): void {
  const sizes = (sequence(shape) ?? []).filter((size) => typeof size === "number");
  const wanted = sizes.reduce((product, size) => product * size, 1);
  if (!(type instanceof PickledType) || !(data instanceof Uint8Array) || data.length !== wanted) {
    const found = data instanceof Uint8Array ? `${data.length} bytes` : "no bytes";
    throw new PickleError(`an array of shape [${sizes.join(", ")}] with ${found}, want ${wanted}`);
  }
  if (columns) throw new PickleError("an array in column order, want one in row order");
  array.shape = sizes;
  array.data = data;
}
