// deno-lint-ignore-file no-control-regex
/** Escape sequences of a terminal: colours and cursor moves, titles, and the short ones. */
const ESCAPES = /(?:\x1b\[|\x9b)[0-?]*[ -\/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -\/]*[0-~]/g;
/** Members in which docker, Kubernetes and their collectors keep the text of a line. */
const MEMBERS = ["log", "message", "msg", "textPayload"];

/**
 * What a program printed, out of what others made of it: the text inside a collector's JSON line, without the escape
 * sequences of a terminal. Any other text stays as it is.
 */
export function unwrap(line: string): string {
  const text = line.startsWith("{") ? printed(line) ?? line : line;
  return text.includes("\x1b") || text.includes("\x9b") ? text.replace(ESCAPES, "") : text;
}

function printed(line: string): string | undefined {
  try {
    const record = JSON.parse(line);
    const text = MEMBERS.map((name) => record[name]).find((value) => typeof value === "string");
    return "train_loss" in record ? undefined : text?.replace(/\r?\n$/, "");
  } catch {
    return undefined; // some other program's line, or one with Python's NaN
  }
}
