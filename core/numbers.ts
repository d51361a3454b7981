import { z } from "zod";

/** A number in a config, and what it must be in the words that an error ends with: "want …". */
export function number(wanted: string, accept: (value: number) => boolean) {
  return z.number(wanted).refine(accept, wanted);
}

export const positive = number("a number above 0", (n) => n > 0);
export const atLeast0 = number("a number of at least 0", (n) => n >= 0);
export const atLeast1 = number("a whole number of at least 1", (n) => Number.isInteger(n) && n >= 1);
export const wholeAtLeast0 = number("a whole number of at least 0", (n) => Number.isInteger(n) && n >= 0);
export const share = number("a number from 0 to 1", (n) => n >= 0 && n <= 1);
export const positiveShare = number("a number above 0 and at most 1", (n) => n > 0 && n <= 1);
export const below1 = number("a number of at least 0 and below 1", (n) => n >= 0 && n < 1);

/** One of a few numbers. */
export function oneOf(...values: number[]) {
  const wanted = `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
  return number(wanted, (n) => values.includes(n));
}
