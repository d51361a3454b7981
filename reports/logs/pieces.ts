import { type Line, LONGEST_LINE } from "./lines.ts";
import { type Piece, unwrap, withoutEscapes } from "./unwrap.ts";

/** Puts the lines together that a collector has split over several records. */
export interface Joiner {
  /** The printed lines that end in this line of the file; they bear the number of the line that they began in. */
  push(line: Line): Line[];
  /** What is held and has no end. */
  end(): Line[];
}

/** Records without a line break after which it is plain that the collector takes them off. */
const UNENDED = 8;

/** Pieces of a line whose end has not come. */
interface Held {
  line: Line;
  parts: string[];
  length: number;
  /** Whether a record has said that more follows. */
  told: boolean;
}

/** A joiner of what docker, Kubernetes and their collectors write; plain lines pass through. */
export function createJoiner(): Joiner {
  const open = new Map<string, Held>();
  /** Whether records end in the line breaks that were printed; undefined until one does, or many do not. */
  let keepsBreaks: boolean | undefined;

  function joined(stream: string, last: Partial<Line> = {}): Line[] {
    const held = open.get(stream);
    open.delete(stream);
    if (!held) return [];
    const { line, parts, length } = held;
    return printed({ ...line, clipped: line.clipped || length > LONGEST_LINE, ...last }, parts.join(""));
  }

  /** Lines of a collector that takes the breaks off: every record is one. */
  function single(stream: string): Line[] {
    const held = open.get(stream);
    open.delete(stream);
    return held?.parts.flatMap((part) => printed(held.line, part)) ?? [];
  }

  function hold({ text, stream, whole }: Piece, line: Line): void {
    const held = open.get(stream) ?? { line, parts: [], length: 0, told: false };
    if (held.length <= LONGEST_LINE) held.parts.push(text);
    held.length += text.length;
    held.told ||= whole === false;
    open.set(stream, held);
  }

  return {
    push(line) {
      const piece = unwrap(line.text), { stream, whole } = piece;
      if (stream === "") return printed(line, line.text);
      if (whole === undefined && keepsBreaks === false) return printed(line, piece.text);
      hold(piece, line);
      if (whole) {
        if (piece.broken) keepsBreaks = true;
        return joined(stream, { cut: line.cut });
      }
      if (whole === undefined && keepsBreaks === undefined && open.get(stream)!.parts.length === UNENDED) {
        keepsBreaks = false;
        return single(stream);
      }
      return [];
    },
    end() {
      return [...open].flatMap(([stream, { told }]) =>
        told || keepsBreaks ? joined(stream, { cut: true }) : single(stream)
      );
    },
  };
}

/** A text as lines of a file: without a terminal's escape sequences, one for each break inside. */
function printed(line: Line, text: string): Line[] {
  const plain = withoutEscapes(text);
  if (!/[\r\n]/.test(plain)) return [{ ...line, text: plain }];
  return plain.split(/\r\n|[\r\n]/).filter((part) => part !== "").map((part) => ({ ...line, text: part }));
}
