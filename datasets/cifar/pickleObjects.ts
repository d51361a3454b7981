import { latin1, latin1Bytes, type PickleCursor } from "./pickleCursor.ts";

/** The name of something in a Python module; it is looked up here and never run. */
export class PickledGlobal {
  constructor(readonly name: string) {}
}

/** The type of an array's elements; only unsigned bytes are known. */
export class PickledType {}

/** An array of unsigned bytes in C order; empty until the pickle tells its state. */
export class PickledArray {
  shape: number[] = [0];
  data: Uint8Array = new Uint8Array();
}

/** What a pickle of CIFAR holds. A byte string of Python 2 is a Uint8Array; lists and tuples are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Map<string, PickleValue>
  | PickledArray
  | PickledType
  | PickledGlobal;

const RECONSTRUCT = ["numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct"];
const NDARRAY = "numpy ndarray", DTYPE = "numpy dtype", ENCODE = "_codecs encode";
const KNOWN = [...RECONSTRUCT, NDARRAY, DTYPE, ENCODE];

/** Text of a string of either kind; undefined for anything else. */
export function textOf(value: PickleValue | undefined): string | undefined {
  return typeof value === "string" ? value : value instanceof Uint8Array ? latin1(value) : undefined;
}

/** Text from a pickle as a message shows it: in quotes, on one line and not too long. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/**
 * Takes a name from the allow-list.
 *
 * @throws {UserError} naming any other
 */
export function knownGlobal(cursor: PickleCursor, module: string, name: string): PickledGlobal {
  if (KNOWN.includes(`${module} ${name}`)) return new PickledGlobal(`${module} ${name}`);
  throw cursor.error(`the pickle asks for ${shown(`${module}.${name}`)}`, "numpy's arrays of bytes only");
}

/**
 * What a call of an allowed name with these arguments makes.
 *
 * @throws {UserError} when the arguments are not those of an array of bytes
 */
export function reduce(cursor: PickleCursor, callee: PickleValue, words: PickleValue): PickleValue {
  const name = callee instanceof PickledGlobal ? callee.name : "";
  const [first, second] = Array.isArray(words) ? words : [];
  if (RECONSTRUCT.includes(name) && first instanceof PickledGlobal && first.name === NDARRAY) return new PickledArray();
  if (name === DTYPE && textOf(first) === "u1") return new PickledType();
  if (name === DTYPE) throw cursor.error(`an array of ${shown(textOf(first) ?? "?")}`, "one of bytes, 'u1'");
  if (name === ENCODE && typeof first === "string" && textOf(second) === "latin1") {
    const bytes = latin1Bytes(first);
    if (bytes) return bytes;
  }
  throw cursor.error(`a call of ${shown(name || "something else")}`, "the making of an array of bytes");
}

/**
 * Gives an array or its type the state that the pickle tells.
 *
 * @throws {UserError} when shape, order and bytes do not fit each other
 */
export function build(cursor: PickleCursor, target: PickleValue, state: PickleValue): void {
  if (target instanceof PickledType) return;
  if (!(target instanceof PickledArray)) throw cursor.error("a state for something else", "one for an array of bytes");
  const [, shape, type, fortran, data] = Array.isArray(state) ? state : [];
  const sizes = Array.isArray(shape) ? shape.filter((size) => typeof size === "number") : [];
  const wanted = sizes.reduce((product, size) => product * size, 1);
  if (!(type instanceof PickledType) || !(data instanceof Uint8Array) || data.length !== wanted) {
    const found = data instanceof Uint8Array ? `${data.length} bytes` : "no bytes";
    throw cursor.error(`an array of shape [${sizes.join(", ")}] with ${found}`, `one with ${wanted}`);
  }
  if (fortran) throw cursor.error("an array in column order", "one in row order");
  target.shape = sizes;
  target.data = data;
}
