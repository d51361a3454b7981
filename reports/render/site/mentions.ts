import { type Markup, markup } from "./markup.ts";

/** Turns text into markup in which known words are links. */
export type Linker = (text: string) => Markup;

/**
 * A linker for whole words: of two that begin at the same place the longer one counts.
 *
 * @param words the address of each word
 */
export function linker(words: Map<string, string>): Linker {
  if (words.size === 0) return (text) => markup`${text}`;
  const longestFirst = [...words.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const pattern = new RegExp(`(?<![\\w.])(${longestFirst.map(literal).join("|")})(?!\\.?\\w)`, "g");
  return (text) =>
    markup`${
      text.split(pattern).map((part, k) => k % 2 === 0 ? part : markup`<a href="${words.get(part)!}">${part}</a>`)
    }`;
}

function literal(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
