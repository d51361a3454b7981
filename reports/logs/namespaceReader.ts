import type { RunArgs } from "../sources/authorsSchema.ts";
import { parseLine } from "./lineKinds.ts";
import { type Line, LONGEST_LINE } from "./lines.ts";
import { NAMESPACE, parseNamespace } from "./namespace.ts";

/** Lines that a namespace may take: MAE prints one argument a line. */
const MOST_LINES = 500;

/** Collects namespaces of one or of several lines. */
export interface NamespaceReader {
  /** What a line is to a namespace; "begins" and "ends" may be the same line, then it is "ends" with `begins` set. */
  read(line: Line): NamespaceEvent;
  /** Lines where a namespace begins that cannot be read. */
  unreadable(): number[];
}

/** Whether a namespace begins in a line, the line belongs to it, and what it says once it has ended. */
export interface NamespaceEvent {
  begins: boolean;
  belongs: boolean;
  args?: RunArgs;
}

/** Makes a namespace reader; it holds at most one namespace and 64 KiB of it. */
export function createNamespaceReader(): NamespaceReader {
  const unreadable: number[] = [];
  let open: { text: string; line: number; lines: number } | null = null;
  const giveUp = () => {
    if (open) unreadable.push(open.line);
    open = null;
  };
  return {
    read({ text, number }) {
      const at = text.indexOf(NAMESPACE), begins = at >= 0;
      if (begins) {
        giveUp();
        open = { text: text.slice(at + NAMESPACE.length), line: number, lines: 1 };
      } else if (!open) return { begins, belongs: false };
      else if (parseLine(text)) {
        giveUp();
        return { begins, belongs: false };
      } else open = { ...open, text: `${open.text} ${text}`, lines: open.lines + 1 };
      const args = parseNamespace(open.text);
      if (args === "open" && open.lines < MOST_LINES && open.text.length < LONGEST_LINE) {
        return { begins, belongs: true };
      }
      if (args === "open" || args === undefined) {
        giveUp();
        return { begins, belongs: begins };
      }
      open = null;
      return { begins, belongs: true, args };
    },
    unreadable: () => [...unreadable, ...open ? [open.line] : []],
  };
}
