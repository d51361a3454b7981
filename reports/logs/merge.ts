import type { LogLine } from "./lineKinds.ts";
import { createPlaces } from "./places.ts";
import { keyOf, lossOf, middle } from "./sameStep.ts";

/** Puts together what several processes have printed without a sign of which one it was. */
export interface Merger {
  /** @param ranks of the processes that have said their recipe so far, in the order in which they did */
  push(line: LogLine, number: number, ranks: readonly number[]): void;
  /** Passes on what is held. */
  flush(): void;
  /** Passes on what is held; what follows is another start of the program. */
  restart(): void;
  /** What was done; null where all was printed by one process. */
  merged(): Merged | null;
}

/** How the lines of several processes became those of one. */
export interface Merged {
  /** Of the start that has most. */
  processes: number;
  /** The process whose lines were taken, e.g. "rank 0"; null where they could not be told apart: the median of each step. */
  taken: string | null;
  /** Lowest and highest loss of the last step that all have printed. */
  last: { low: number; high: number } | null;
  /** Lines that came after the processes before had gone on too far, and were not used. */
  late: number;
}

/** The same line of all processes. */
interface Group {
  key: string;
  lines: { line: LogLine; number: number }[];
  /** Whether no iteration of another number came between them. */
  together: boolean;
}

/** Groups that are held: a fast process may be so many lines ahead of a slow one. */
const AHEAD = 8;
/** Far beyond any job; keeps a hostile file from filling the memory. */
const MOST_PROCESSES = 4096;

/**
 * Makes a merger. A start begins with the same iteration of all processes, or with the recipes of all, which tells their
 * number; with one, every line is passed on at once. Of several, the line of the lowest rank is where their order tells which
 * one that is, or else the line with the median of their losses.
 *
 * @param emit takes the lines as one process would have printed them, each with its number
 */
export function createMerger(emit: (line: LogLine, number: number) => void): Merger {
  let size = 0, widest = 1, most = 1, late = 0, last: Merged["last"] = null;
  let open: Group[] = [], passed: [epoch: number, iteration: number] = [-1, -1], ranks: readonly number[] = [];
  let places = createPlaces();
  const waiting: { lines: Group["lines"]; whole: boolean }[] = [];

  function pass({ lines, together }: Group): void {
    const whole = lines.length === size, losses = lines.map(({ line }) => lossOf(line)), [{ line }] = lines;
    if (line.kind === "progress") {
      passed = [line.epoch, line.iteration];
      if (size === 1) {
        release();
        return emit(line, lines[0].number);
      }
      places.note(whole && together ? losses : null, ranks);
      if (whole) last = { low: Math.min(...losses), high: Math.max(...losses) };
    }
    waiting.push({ lines, whole });
    if (places.decided()) release();
  }

  function release(): void {
    const place = places.chosen();
    for (const { lines, whole } of waiting.splice(0)) {
      if (place !== null && whole) emit(lines[place].line, lines[place].number);
      else emit(middle(lines.map(({ line }) => line)), lines[0].number);
    }
  }

  function flush(): void {
    open.splice(0).forEach(pass);
    release();
  }

  function restart(): void {
    flush();
    size = 0;
    widest = 1;
    passed = [-1, -1];
    places = createPlaces();
  }

  function add({ lines }: Group, line: LogLine, number: number): void {
    if (lines.length === MOST_PROCESSES) return void late++;
    lines.push({ line, number });
    widest = Math.max(widest, lines.length);
    most = Math.max(most, widest);
  }

  function group(line: LogLine, number: number): void {
    const key = keyOf(line), found = open.find((group) => group.key === key && group.lines.length < size);
    if (found) add(found, line, number);
    else open.push({ key, lines: [{ line, number }], together: true });
    const steps = open.filter(({ lines }) => lines[0].line.kind === "progress");
    if (steps.length > 1) steps.forEach((group) => group.together = false);
    if (open.length > AHEAD && widest === 1) size = 1; // all have said their recipe, and one goes on to print
    while (open.length > AHEAD || open[0]?.lines.length >= size) pass(open.shift()!);
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

  /** Takes a line while the number of processes is not known. */
  function first(line: LogLine, number: number): boolean {
    if (line.kind === "progress" && open.length === 0 && ranks.length > 1) {
      size = ranks.length;
      return false;
    }
    const same = open.length > 0 && keyOf(line) === open[0].key;
    if (same) add(open[0], line, number);
    else if (open.length > 0) {
      size = open[0].lines.length;
      flush();
      return false;
    } else if (line.kind === "progress") open.push({ key: keyOf(line), lines: [{ line, number }], together: true });
    else emit(line, number);
    return true;
  }

  return {
    push(line, number, known) {
      ranks = known;
      if (size === 0 && first(line, number)) return;
      if (size === 1 || line.kind === "epoch") return emit(line, number);
      if (line.kind === "traceback" || line.kind === "nonFinite") {
        flush();
        return emit(line, number);
      }
      const again = repeats(line);
      if (again === "late") return void late++;
      if (again === "anew") {
        restart();
        open = [{ key: keyOf(line), lines: [{ line, number }], together: true }];
      } else group(line, number);
    },
    flush() {
      if (size === 0 && open.length > 0) size = open[0].lines.length;
      flush();
    },
    restart,
    merged: () => most === 1 ? null : { processes: most, taken: places.name(), last, late },
  };
}
