import type { PickleCursor } from "./pickleCursor.ts";
import { type PickleValue, textOf } from "./pickleObjects.ts";

/** The state of a pickle that is being read: a stack, marks on it, and values that were numbered for later use. */
export class PickleMachine {
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(readonly cursor: PickleCursor) {}

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  /** @throws {UserError} when nothing is there above the last mark */
  pop(): PickleValue {
    const value = this.#stack.length > (this.#marks.at(-1) ?? 0) ? this.#stack.pop() : undefined;
    if (value === undefined) throw this.cursor.error("the pickle takes a value from an empty stack", "a sound pickle");
    return value;
  }

  /** The value on top, which stays there. */
  top(): PickleValue {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Takes all values above the last mark, and the mark. */
  popMark(): PickleValue[] {
    const start = this.#marks.pop();
    if (start === undefined) {
      throw this.cursor.error("the pickle goes back to a mark that is not there", "a sound pickle");
    }
    return this.#stack.splice(start);
  }

  /** Numbers the value on top; the next free number unless told otherwise. */
  remember(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  /** Puts a numbered value on the stack. */
  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.cursor.error(`value ${index} is used before it is there`, "a sound pickle");
    this.push(value);
  }

  /** Adds values to the list on top. */
  append(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.cursor.error("values are added to something else", "a list");
    for (const value of values) list.push(value);
  }

  /** Adds keys and values, in turn, to the dictionary on top. */
  setItems(words: readonly PickleValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Map)) throw this.cursor.error("keys are added to something else", "a dictionary");
    for (const [key, value] of this.#pairs(words)) dictionary.set(key, value);
  }

  /** A dictionary of keys and values in turn. */
  dictionary(words: readonly PickleValue[]): Map<string, PickleValue> {
    return new Map(this.#pairs(words));
  }

  #pairs(words: readonly PickleValue[]): [string, PickleValue][] {
    if (words.length % 2) throw this.cursor.error("a key without a value", "a sound pickle");
    return Array.from({ length: words.length / 2 }, (_, i) => {
      const key = textOf(words[2 * i]);
      if (key === undefined) throw this.cursor.error("a key that is no text", "text");
      return [key, words[2 * i + 1]];
    });
  }
}
