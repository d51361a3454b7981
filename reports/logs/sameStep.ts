import type { LogLine } from "./lineKinds.ts";
import { medianOf } from "../../core/median.ts";

/** What the lines of all processes have in common that say the same. */
export function keyOf(line: LogLine): string {
  if (line.kind === "progress") return `${line.epoch}/${line.iteration}`;
  return line.kind === "wall" ? `wall ${line.epoch}` : line.kind;
}

/** The loss that a line prints; 0 where it has none. */
export function lossOf(line: LogLine): number {
  return line.kind === "progress" ? line.loss : line.kind === "averaged" ? line.lossLast : 0;
}

/** The first of some lines that say the same, with the medians of the numbers in which processes differ. */
export function middle(lines: readonly LogLine[]): LogLine {
  const [line] = lines;
  if (line.kind !== "progress" && line.kind !== "averaged") return line;
  const names = line.kind === "progress" ? ["loss", "time", "data"] : ["lossLast", "lossMean"];
  const medians = names.map((name) => [name, medianOf(lines.map((own) => Number(Reflect.get(own, name))))]);
  return { ...line, ...Object.fromEntries(medians) };
}
