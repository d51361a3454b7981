/**
 * What a text may hide: control characters, line separators, marks that turn the direction of writing, and halves of a
 * surrogate pair.
 */
const HIDDEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text as it can be shown anywhere, on one line: what would move the cursor, break the line or turn the direction of writing
 * stands as an escape, as \\x1b, \\n or \\u202e.
 */
export function printable(text: string): string {
  return text.replace(HIDDEN, (char) => {
    if (char === "\n") return "\\n";
    const hex = char.charCodeAt(0).toString(16);
    return hex.length > 2 ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
  });
}

/** Whether a text would be shown otherwise than it is. */
export function hidesSomething(text: string): boolean {
  return printable(text) !== text;
}
