import type { Cell } from "./plan.ts";

/** How a cell's process ended: finished, failed, or it found its start unfinished. */
export type Outcome = "done" | "failed" | "waiting";

/**
 * Cells to run, given out as soon as what they start from is done: those of earlier seeds first, so that rows can be compared
 * before the last one has run; of one seed those first on which the most others rest.
 */
export class ReadyQueue {
  readonly outcomes = new Map<Cell, Outcome | "blocked">();
  readonly #waiting = new Map<string, Cell[]>();
  readonly #ready: Cell[] = [];
  readonly #weights: Map<string, number>;

  /**
   * @param cells in the order of the plan; one whose start is not among them has a finished start
   * @param late names of those that are given out last: other processes work on them
   */
  constructor(cells: readonly Cell[], readonly late: ReadonlySet<string> = new Set()) {
    const names = new Set(cells.map(({ name }) => name));
    this.#weights = weights(cells);
    for (const cell of cells) {
      if (cell.start !== undefined && names.has(cell.start)) this.#resting(cell.start).push(cell);
      else this.#ready.push(cell);
    }
  }

  /** Takes the next cell out; nothing while none is ready. */
  next(): Cell | undefined {
    const best = this.#ready.reduce((best, cell, i) => i > 0 && this.#isBefore(cell, this.#ready[best]) ? i : best, 0);
    return this.#ready.splice(best, 1)[0];
  }

  #isBefore(a: Cell, b: Cell): boolean {
    const late = ({ name }: Cell) => Number(this.late.has(name)), weight = ({ name }: Cell) => this.#weights.get(name)!;
    return (late(a) - late(b) || a.phase.seed - b.phase.seed || weight(b) - weight(a)) < 0;
  }

  /**
   * Takes note of how a cell ended: what rests on it is ready, blocked or waits.
   *
   * @returns how many cells are not run because of that
   */
  ended(cell: Cell, outcome: Outcome): number {
    this.outcomes.set(cell, outcome);
    const resting = this.#resting(cell.name);
    if (outcome !== "done") return this.#leave(resting, outcome === "failed" ? "blocked" : "waiting");
    this.#ready.push(...resting);
    return 0;
  }

  #leave(cells: readonly Cell[], outcome: "blocked" | "waiting"): number {
    for (const cell of cells) this.outcomes.set(cell, outcome);
    return cells.reduce((sum, { name }) => sum + this.#leave(this.#resting(name), outcome), cells.length);
  }

  #resting(name: string): Cell[] {
    let cells = this.#waiting.get(name);
    if (!cells) this.#waiting.set(name, cells = []);
    return cells;
  }
}

/** How many cells rest on each one, at whatever distance. */
function weights(cells: readonly Cell[]): Map<string, number> {
  const all = new Map(cells.map(({ name }) => [name, 0]));
  for (const { name, start } of [...cells].reverse()) {
    if (start !== undefined && all.has(start)) all.set(start, all.get(start)! + 1 + all.get(name)!);
  }
  return all;
}
