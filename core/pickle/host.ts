import type { PickleGlobal, PickleValue } from "./values.ts";

/** What a pickle may reach outside itself, and what is built of it. Methods throw a `PickleError` for what is wrong. */
export interface PickleHost {
  /** The classes and functions that it may name, by module and name, e.g. "collections.OrderedDict". */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** The value behind a persistent id; without it, such ids are refused. */
  load?(id: PickleValue): PickleValue;
  /** Gives an object its state; false: objects of this kind take none. */
  build(target: PickleValue, state: PickleValue): boolean;
}

/** Globals as a host holds them. */
export function globalsOf(globals: readonly PickleGlobal[]): PickleHost["globals"] {
  return new Map(globals.map((global) => [global.name, global]));
}
