/**
 * What a text may hide: control characters, line separators, marks that turn the direction of writing or have no shape,
 * and halves of a surrogate pair. The two joiners stay: words and emoji need them.
 */
const HIDDEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * A text as it can be shown anywhere, on one line: what would move the cursor, break the line or turn the direction of writing
 * stands as an escape, as \\x1b, \\n, \\u202e or \\u{e0041}.
 */
export function printable(text: string): string {
  return text.replace(HIDDEN, (char) => {
    if (char === "\n") return "\\n";
    const hex = char.codePointAt(0)!.toString(16);
    if (hex.length > 4) return `\\u{${hex}}`;
    return hex.length > 2 ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
  });
}

/** Whether a text would be shown otherwise than it is. */
export function hidesSomething(text: string): boolean {
  return printable(text) !== text;
}

/** A value as JSON that reads back as the same and shows nothing that a text may hide. */
export function printableJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, 2).replace(
    HIDDEN,
    (char) => char === "\n" ? char : char.split("").map(escaped).join(""),
  );
}

/** A value of JSON whose texts are all printable; names of members stay. */
export function printableTexts<T>(value: T): T;
export function printableTexts(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map((member) => printableTexts(member));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, printableTexts(member)]));
}
