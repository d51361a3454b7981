const OPEN = "[{", CLOSE = "]}";

/**
 * Splits a list at its commas, but not inside brackets, braces or quotes: "0.5,[1,2]" has two parts.
 *
 * @returns the parts without white space around them; at least one
 */
export function splitList(text: string): string[] {
  const parts = [""];
  let depth = 0, quoted = false, escaped = false;
  for (const char of text) {
    if (char === "," && depth === 0 && !quoted) {
      parts.push("");
      continue;
    }
    parts[parts.length - 1] += char;
    if (escaped) escaped = false;
    else if (quoted && char === "\\") escaped = true;
    else if (char === '"') quoted = !quoted;
    else if (!quoted) depth += OPEN.includes(char) ? 1 : CLOSE.includes(char) ? -1 : 0;
  }
  return parts.map((part) => part.trim());
}
