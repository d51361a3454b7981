// deno-lint-ignore-file no-control-regex
/** Escape sequences of a terminal: colours and cursor moves, titles, and the short ones. */
const ESCAPES = /(?:\x1b\[|\x9b)[0-?]*[ -\/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -\/]*[0-~]/g;
/** Members in which docker, Kubernetes, journald and their collectors keep the text of a line. */
const MEMBERS = ["log", "message", "msg", "textPayload", "MESSAGE", "line", "body"];
/** A line of a container's log file in Kubernetes: time, stream, and whether the text is a part (P) or ends a line (F). */
const CRI = /^(\d{4}-\d\d-\d\dT\S{1,40} (std(?:out|err)) )([PF])(?::\S{1,40})? /;

/** What a program printed, out of one line of a file. */
export interface Piece {
  text: string;
  /** Where a collector got it from, of a few; pieces of one line come from one stream. "" where there is no collector. */
  stream: string;
  /** Whether it ends a line; undefined where the record does not tell. */
  whole: boolean | undefined;
  /** Whether the line break was there that ended it. */
  broken: boolean;
}

/** What a program printed, out of what others made of it: the text inside a collector's line. Any other text stays as it is. */
export function unwrap(line: string): Piece {
  const cri = CRI.exec(line);
  if (cri) return { text: line.slice(cri[0].length), stream: cri[2], whole: cri[3] === "F", broken: false };
  return (line.startsWith("{") ? fromRecord(line) : undefined) ?? { text: line, stream: "", whole: true, broken: true };
}

/** A text without the escape sequences of a terminal. */
export function withoutEscapes(text: string): string {
  return text.includes("\x1b") || text.includes("\x9b") ? text.replace(ESCAPES, "") : text;
}

function fromRecord(line: string): Piece | undefined {
  try {
    const record: Record<string, unknown> = JSON.parse(line.replace(/,\s*$/, ""));
    const member = MEMBERS.find((name) => typeof record[name] === "string");
    if (member === undefined || "train_loss" in record) return undefined;
    const text = record[member] as string, broken = text.endsWith("\n");
    const stream = record.stream === "stderr" ? "json stderr" : "json";
    return { text: text.replace(/\r?\n$/, ""), stream, whole: endsLine(record, member, broken), broken };
  } catch {
    return undefined; // some other program's line, or one with Python's NaN
  }
}

/** As the record says it: Kubernetes' tag, docker's marks of a partial message, or a line break at its end. */
function endsLine(record: Record<string, unknown>, member: string, broken: boolean): boolean | undefined {
  if (record.logtag === "P" || record.logtag === "F") return record.logtag === "F";
  if (String(record.partial_message) === "true") return String(record.partial_last) === "true";
  return member !== "log" || broken || undefined;
}
