import { deepStrictEqual, ok } from "node:assert/strict";

/** Fails unless the two values are deeply and strictly equal. */
export function assertEqual<T>(actual: T, expected: T, message?: string): void {
  if (message === undefined) deepStrictEqual(actual, expected);
  else deepStrictEqual(actual, expected, message);
}

/** Fails unless |actual - expected| <= tolerance. */
export function assertAlmostEqual(actual: number, expected: number, tolerance: number, what = "value"): void {
  ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} is not within ${tolerance} of ${expected}`);
}

/** Fails unless the condition holds. */
export function assertTrue(condition: boolean, message: string): void {
  ok(condition, message);
}

/** Fails unless the function (or promise) throws an error whose message holds the wanted text; returns the message. */
export async function assertRejects(run: () => unknown, wanted: string | RegExp): Promise<string> {
  let message: string | undefined;
  try {
    await run();
  } catch (error) {
    message = error instanceof Error ? error.message : String(error);
  }
  ok(message !== undefined, `expected an error with '${wanted}', nothing was thrown`);
  ok(typeof wanted === "string" ? message.includes(wanted) : wanted.test(message), `'${message}' lacks '${wanted}'`);
  return message;
}

/** Fails unless a text holds all of the words. */
export function assertHolds(text: string, words: readonly string[]): void {
  for (const each of words) ok(text.includes(each), `lacks '${each}'`);
}

/** Relative error of two vectors: |a - b|_2 / |b|_2. */
export function relativeNorm(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0, norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}
