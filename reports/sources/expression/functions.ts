/*
 * The functions of claims that go through rows or lists. Unlike JSONata's own ones they are strict: an empty list, a
 * missing value or an answer of the wrong type is an error, so that no claim holds because there was nothing to look at.
 */

/** A function inside an expression, as JSONata hands it over: a JavaScript function or its own object. */
interface Callback {
  apply(self: unknown, given: unknown[]): Promise<unknown>;
}

/** Whether a function is true of every row or list member, e.g. `$all(rows, function($r, $key) { $r.top1 > 80 })`. */
async function all(of: unknown, test: unknown): Promise<boolean> {
  return (await answers("$all", of, test)).every((answer) => answer);
}

/** Of how many rows or list members a function is true. */
async function tally(of: unknown, test: unknown): Promise<number> {
  return (await answers("$tally", of, test)).filter((answer) => answer).length;
}

/** The rows or list members of which a function is true, as a list; none at all is an error. */
async function where(of: unknown, test: unknown): Promise<unknown[]> {
  const kept = await answers("$where", of, test);
  return filled("$where", entries("$where", of).map(([, value]) => value).filter((_, k) => kept[k]));
}

/** A function's value for each row or list member, as a list. */
async function list(of: unknown, value: unknown): Promise<unknown[]> {
  return await each("$list", of, value);
}

/** The mean of a function's numbers over rows or list members; of the numbers themselves without a function. */
async function mean(of: unknown, value?: unknown): Promise<number> {
  const numbers = await numbersOf("$mean", of, value);
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** The rows or list members as a list, by ascending value of a function; equal ones keep their order. */
async function sortedBy(of: unknown, value: unknown): Promise<unknown[]> {
  const keys = await numbersOf("$sortedBy", of, value);
  const members = entries("$sortedBy", of).map(([, value], k) => ({ value, key: keys[k] }));
  return members.toSorted((a, b) => a.key - b.key).map(({ value }) => value);
}

/** Neighbours: {a, b} for each member of a list and the one behind it. */
function pairs(of: unknown): { a: unknown; b: unknown }[] {
  const members = entries("$pairs", of).map(([, value]) => value);
  return filled("$pairs", members.slice(1).map((b, k) => ({ a: members[k], b })));
}

/** A list's member by its place, from 0. */
function at(of: unknown, place: unknown): unknown {
  const found = entries("$at", of).find(([key]) => key === place);
  if (found) return found[1];
  throw new Error(`$at() found nothing at place ${shown(place)}`);
}

/** By name, as expressions call them. */
export const collections = { all, tally, where, list, mean, sortedBy, pairs, at };

async function answers(name: string, of: unknown, test: unknown): Promise<boolean[]> {
  return (await each(name, of, test)).map((answer) => {
    if (typeof answer !== "boolean") {
      throw new Error(`the function of ${name}() gave ${shown(answer)}, want true or false`);
    }
    return answer;
  });
}

async function numbersOf(name: string, of: unknown, value: unknown): Promise<number[]> {
  const values = value === undefined ? entries(name, of).map(([, value]) => value) : await each(name, of, value);
  return values.map((number) => {
    if (typeof number !== "number") throw new Error(`${name}() met ${shown(number)}, want a number`);
    return number;
  });
}

async function each(name: string, of: unknown, callback: unknown): Promise<unknown[]> {
  if (!isCallback(callback)) throw new Error(`${name}() was given ${shown(callback)}, want a function`);
  const values: unknown[] = [];
  for (const [key, value] of entries(name, of)) {
    const found = await callback.apply(undefined, [value, key]);
    if (found === undefined) throw new Error(`the function of ${name}() gave nothing`);
    values.push(found);
  }
  return values;
}

/** The members of rows, with their keys, or of a list, with their places. */
function entries(name: string, of: unknown): [string | number, unknown][] {
  if (Array.isArray(of)) return filled(name, of.map((value, k) => [k, value]));
  if (typeof of !== "object" || of === null) throw new Error(`${name}() was given ${shown(of)}, want rows or a list`);
  return filled(name, Object.entries(of));
}

function filled<T>(name: string, members: T[]): T[] {
  if (members.length > 0) return members;
  throw new Error(`${name}() has nothing to look at, so it would hold whatever the numbers are`);
}

function isCallback(value: unknown): value is Callback {
  const holder = typeof value === "function" || (typeof value === "object" && value !== null && "apply" in value);
  return holder && typeof value.apply === "function";
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
