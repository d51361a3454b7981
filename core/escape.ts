/**
 * What no screen shows as a sign of its own: control characters, line and paragraph separators, marks of the direction of
 * writing and other marks without a shape, halves of surrogate pairs. The two joiners stay: words and emoji need them.
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * Text from outside as it may be shown, in one line: what would move a cursor, end a line, turn the direction of writing
 * or show nothing at all stands there as an escape, `\n`, `\x1b`, `\u202e`, `\u{e0041}`. Everything else stays.
 *
 * @param text anything: a name, a value, a line of a file
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/**
 * A value of JSON whose texts, names of members among them, are all {@link printable}: what is made of it can be shown
 * anywhere. Members whose names become one are kept apart by nothing; the last stays.
 *
 * @param value as `JSON.parse` gives it
 */
export function printableJson<T>(value: T): T;
export function printableJson(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map((member) => printableJson(member));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [printable(name), printableJson(member)]));
}

function escaped(sign: string): string {
  if (sign === "\n") return "\\n";
  const code = sign.codePointAt(0)!, digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\u{${digits}}`;
}
