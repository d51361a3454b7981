import type { LogLine } from "./lineKinds.ts";

/** Puts together what several processes have printed without a sign of which one it was. */
export interface Merger {
  push(line: LogLine, number: number): void;
  /** Passes on what is held. */
  flush(): void;
  /** Passes on what is held; what follows is another start of the program. */
  restart(): void;
  /** Processes of the start that has most. */
  processes(): number;
}

/** The same line of all processes. */
interface Group {
  key: string;
  lines: { line: LogLine; number: number }[];
}

/** Groups that are held: a fast process may be so many lines ahead of a slow one. */
const AHEAD = 8;

/**
 * Makes a merger. A start begins with the same iteration of all processes, which tells their number; with one, every line is
 * passed on at once. Of several, the line of the lowest loss is: the same place in the order of the losses all along.
 *
 * @param emit takes the lines as one process would have printed them, each with its number
 */
export function createMerger(emit: (line: LogLine, number: number) => void): Merger {
  let size = 0, most = 1, open: Group[] = [], passed: [epoch: number, iteration: number] = [-1, -1];

  function pass(group: Group): void {
    const { line, number } = group.lines.reduce((a, b) => lossOf(b.line) < lossOf(a.line) ? b : a);
    if (line.kind === "progress") passed = [line.epoch, line.iteration];
    emit(line, number);
  }

  function flush(): void {
    open.splice(0).forEach(pass);
  }

  function restart(): void {
    flush();
    size = 0;
    passed = [-1, -1];
  }

  function group(line: LogLine, number: number): void {
    const key = keyOf(line), found = open.find((group) => group.key === key && group.lines.length < size);
    if (found) found.lines.push({ line, number });
    else open.push({ key, lines: [{ line, number }] });
    while (open.length > AHEAD || open[0]?.lines.length === size) pass(open.shift()!);
  }

  /** Whether a line repeats an iteration: a slow process prints it late, a new start begins with it. */
  function repeats(line: LogLine): "late" | "anew" | undefined {
    if (line.kind !== "progress") return undefined;
    const held = open.filter(({ key }) => key === keyOf(line));
    if (held.some(({ lines }) => lines.length < size)) return undefined;
    const before = line.epoch < passed[0] || (line.epoch === passed[0] && line.iteration <= passed[1]);
    if (!before && held.length === 0) return undefined;
    return line.iteration <= 1 ? "anew" : "late";
  }

  return {
    push(line, number) {
      if (size === 0) {
        const same = open.length > 0 && keyOf(line) === open[0].key;
        if (same) return void open[0].lines.push({ line, number });
        if (open.length === 0 && line.kind === "progress") {
          return void open.push({ key: keyOf(line), lines: [{ line, number }] });
        }
        if (open.length === 0) return emit(line, number);
        size = open[0].lines.length;
        most = Math.max(most, size);
        flush();
      }
      if (size === 1 || line.kind === "epoch") return emit(line, number);
      if (line.kind === "traceback" || line.kind === "nonFinite") {
        flush();
        return emit(line, number);
      }
      const again = repeats(line);
      if (again === "late") return;
      if (again === "anew") {
        restart();
        open = [{ key: keyOf(line), lines: [{ line, number }] }];
      } else group(line, number);
    },
    flush,
    restart,
    processes: () => size === 0 && open.length > 0 ? Math.max(most, open[0].lines.length) : most,
  };
}

function keyOf(line: LogLine): string {
  if (line.kind === "progress") return `${line.epoch}/${line.iteration}`;
  return line.kind === "wall" ? `wall ${line.epoch}` : line.kind;
}

function lossOf(line: LogLine): number {
  return line.kind === "progress" ? line.loss : line.kind === "averaged" ? line.lossLast : 0;
}
