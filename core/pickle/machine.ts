import { Cursor } from "./cursor.ts";
import { PickleError } from "./errors.ts";
import type { PickleHost } from "./host.ts";
import { describe, Opaque, PickleDict, PickleGlobal, PickleList, PickleTuple, type PickleValue } from "./values.ts";

/**
 * How much a pickle may ask for. A checkpoint of ViT-B with its optimiser takes 30,000 steps and 7,000 memo values, the
 * 50,000 images of CIFAR-100 200,000 and 50,000.
 */
export const LIMITS = { steps: 1 << 21, stack: 1 << 18, memo: 1 << 18 };

/** Stack, marks and memo of a pickle that is being read. */
export class Machine {
  readonly cursor: Cursor;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo: Map<number, PickleValue> = new Map();

  constructor(bytes: Uint8Array, readonly host: PickleHost) {
    this.cursor = new Cursor(bytes);
  }

  push(value: PickleValue): void {
    if (this.#stack.length >= LIMITS.stack) throw new PickleError(`the stack holds more than ${LIMITS.stack} values`);
    this.#stack.push(value);
  }

  /** Takes the last value off the stack; values below the last mark are out of reach. */
  pop(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw new PickleError("the stack is empty");
    return this.#stack.pop()!;
  }

  /** The last value on the stack. */
  top(): PickleValue {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  /** Takes the last `count` values off the stack, in order. */
  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  mark(): void {
    if (this.#marks.length >= LIMITS.stack) throw new PickleError(`more than ${LIMITS.stack} marks are open`);
    this.#marks.push(this.#stack.length);
  }

  /** Takes everything above the last mark, and the mark. */
  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new PickleError("no mark is open");
    return this.#stack.splice(mark);
  }

  memoize(index: number = this.#memo.size): void {
    const value = this.top();
    if (this.#memo.size >= LIMITS.memo) throw new PickleError(`the memo holds more than ${LIMITS.memo} values`);
    this.#memo.set(index, value);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new PickleError(`the memo holds no value ${index}`);
    this.push(value);
  }

  /** Pushes the class or function of that module and name, if the host allows it. */
  global([module, name]: readonly PickleValue[]): void {
    if (typeof module !== "string" || typeof name !== "string") throw new PickleError("a global's name is no text");
    const found = this.host.globals.get(`${module}.${name}`);
    if (!found) throw new PickleError(`the global ${printable(`${module}.${name}`)} is not allowed`);
    this.push(found);
  }

  /** Calls a global with a tuple of arguments. */
  reduce(): void {
    const [callable, args] = this.popMany(2);
    if (!(callable instanceof PickleGlobal && callable.call)) {
      throw new PickleError(`${describe(callable)} cannot be called`);
    }
    if (!(args instanceof PickleTuple)) throw new PickleError(`the arguments of ${callable.name} are no tuple`);
    this.push(callable.call(args.items));
  }

  /** Gives an object its state, which stays on the stack. */
  build(): void {
    const state = this.pop(), target = this.top();
    if (!this.host.build(target, state)) throw new PickleError(`${describe(target)} has no state to set`);
  }

  /** Pushes the value behind a persistent id. */
  load(): void {
    const id = this.pop();
    if (!this.host.load) throw new PickleError(`a persistent id is ${describe(id)}, want none`);
    this.push(this.host.load(id));
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (list instanceof PickleList) { for (const item of items) list.items.push(item); }
    else if (!(list instanceof Opaque)) throw new PickleError(`${describe(list)} cannot be appended to`);
  }

  /** Pushes a dict of keys and values in turn. */
  dict(items: readonly PickleValue[]): void {
    this.push(new PickleDict());
    this.setItems(items);
  }

  /** Sets items of a dict: keys and values in turn. */
  setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (items.length % 2) throw new PickleError("a key has no value");
    if (dict instanceof PickleDict) {
      for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1]);
    } else if (!(dict instanceof Opaque)) throw new PickleError(`${describe(dict)} has no items`);
  }
}

/** A name from the file as it can be shown: at most 120 characters, others than plain ones as '?'. */
function printable(name: string): string {
  return name.slice(0, 120).replace(/[^\x20-\x7e]/g, "?");
}
