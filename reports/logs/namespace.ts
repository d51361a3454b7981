import type { RunArgs } from "../sources/authorsSchema.ts";

/** Where the arguments of a command begin in a log. */
export const NAMESPACE = "Namespace(";

/**
 * Reads Python's text of an argparse namespace.
 *
 * Numbers, texts, None, True and False are read as such; any other value keeps its Python text.
 *
 * @param text what follows "Namespace("; several lines may be joined
 * @returns the arguments; "open" when the text ends before the closing bracket; undefined when it is no namespace
 */
export function parseNamespace(text: string): RunArgs | "open" | undefined {
  const args: [string, RunArgs[string]][] = [];
  let at = 0;
  while (true) {
    const key = /^\s*(?:([A-Za-z_]\w*)=|\))/.exec(text.slice(at, at + LONGEST_KEY));
    if (!key) return text.slice(at).trim() === "" || /^\s*\w+$/.test(text.slice(at)) ? "open" : undefined;
    if (key[1] === undefined) return Object.fromEntries(args);
    const from = at + key[0].length, to = valueEnd(text, from);
    if (to === undefined) return "open";
    args.push([key[1], pythonValue(text.slice(from, to).trim())]);
    at = text[to] === "," ? to + 1 : to;
  }
}

/** Characters in which an argument's name must end. */
const LONGEST_KEY = 1000;

/** Where a value ends: at a comma or bracket that belongs to the namespace; undefined when the text ends before. */
function valueEnd(text: string, from: number): number | undefined {
  let depth = 0, quote = "";
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (quote) {
      if (char === "\\") at++;
      else if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if ("([{".includes(char)) depth++;
    else if (depth === 0 && (char === "," || char === ")")) return at;
    else if (")]}".includes(char)) depth--;
  }
}

function pythonValue(text: string): RunArgs[string] {
  if (text === "None") return null;
  if (text === "True" || text === "False") return text === "True";
  if (/^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(text)) return Number(text);
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  return quoted ? quoted[2].replace(/\\(.)/g, "$1") : text;
}
