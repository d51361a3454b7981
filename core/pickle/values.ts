/** What a pickle can hold once it is read. Nothing of it is code. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleTuple
  | PickleDict
  | PickleGlobal
  | Opaque
  | Foreign;

/** A Python list. */
export class PickleList {
  constructor(readonly items: PickleValue[] = []) {}
}

/** A Python tuple. */
export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** A Python dict, its entries in the order of insertion. */
export class PickleDict {
  readonly entries: Map<PickleValue, PickleValue> = new Map();
}

/** A class or function that the pickle names; calling it does what the host says, never more. */
export class PickleGlobal {
  /**
   * @param name module and name, e.g. "torch._utils._rebuild_tensor_v2"
   * @param call what a call gives; it throws a `PickleError` when the arguments are wrong; none: it cannot be called
   */
  constructor(readonly name: string, readonly call?: (args: readonly PickleValue[]) => PickleValue) {}
}

/** A Python object of which no more than the class is kept. */
export class Opaque {
  constructor(readonly name: string) {}
}

/** Base of the host's own values, e.g. tensors. */
export abstract class Foreign {
  /** What it is, for error messages: "a tensor". */
  abstract readonly kind: string;
}

/** The items of a list or tuple; undefined for anything else. */
export function sequence(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  return value instanceof PickleList || value instanceof PickleTuple ? value.items : undefined;
}

/** A value in a few words, for error messages. */
export function describe(value: PickleValue): string {
  if (value === null) return "None";
  if (typeof value === "string") return `the text ${quote(value)}`;
  if (typeof value !== "object") return shortened(String(value));
  if (value instanceof PickleList) return "a list";
  if (value instanceof PickleTuple) return "a tuple";
  if (value instanceof PickleDict) return "a dict";
  if (value instanceof PickleGlobal) return `the global ${value.name}`;
  if (value instanceof Opaque) return `an object of ${value.name}`;
  return value instanceof Uint8Array ? "bytes" : value.kind;
}

/** A text from the file in quotes, at most 60 characters of it, without control characters. */
export function quote(text: string): string {
  return `'${JSON.stringify(shortened(text)).slice(1, -1).replace(/[\u007f-\u009f]/g, "?")}'`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
