import { listed } from "../../core/listed.ts";
import { isComplete } from "./draft.ts";
import type { LogStart } from "./model.ts";
import type { LogState } from "./state.ts";
import { lossText } from "./text/summary.ts";

/** Epochs and lines that a sentence names; of more it gives the number. */
const NAMED = 8;

/** What a reader must know before using the numbers of a log, one sentence each. */
export function logWarnings(state: LogState): string[] {
  return [
    ...clippedLines(state),
    ...cutLine(state),
    ...mergedProcesses(state),
    ...startsNotCounted(state),
    ...epochsFrom(state),
    ...missingEpochs(state),
    ...recipeLost(state),
    ...lossNotFinite(state),
  ];
}

function clippedLines({ clipped }: LogState): string[] {
  if (clipped === 0) return [];
  return [`${clipped === 1 ? "1 line is" : `${clipped} lines are`} too long for a training log and not used`];
}

function mergedProcesses({ merged }: LogState): string[] {
  if (!merged) return [];
  const { processes, taken, last, late } = merged;
  const range = last ? `, ${lossText(last.low)} to ${lossText(last.high)} in the last one` : "";
  return [
    `${processes} lines of each step and no sign of their processes: ` +
    (taken === null ? "the median of their losses is taken" : `by their order, those of ${taken} are taken`) + range,
    ...(late === 0
      ? []
      : [`${late === 1 ? "1 line of a slow process is" : `${late} lines of slow processes are`} not used`]),
  ];
}

function cutLine({ cut, starts, draft }: LogState): string[] {
  const reached = isComplete(draft) ? null : starts.at(-1)?.reached;
  const where = reached ? [`${unfinished(reached)} and left out`] : [];
  if (!cut || (cut.used && !reached)) return where;
  const line = `the last line, ${cut.line}, ${cut.used ? "has no end" : "is cut and not used"}`;
  return [[line, ...where].join("; ")];
}

function unfinished({ epoch, done, iterations }: NonNullable<LogStart["reached"]>): string {
  return `epoch ${epoch} is incomplete (${done} of ${iterations} iterations)`;
}

function startsNotCounted({ starts }: LogState): string[] {
  if (starts.length < 2) return [];
  const counted = starts.filter((start) => start.counted).map(({ line }) => line);
  return [`the program was started ${starts.length} times; what counts begins in ${several("line", counted)}`];
}

function epochsFrom({ unknownBase }: LogState): string[] {
  return unknownBase === null
    ? []
    : [`epochs are taken as counted from 0: the log begins at [${unknownBase}] and does not tell`];
}

function missingEpochs({ draft }: LogState): string[] {
  const { args, epochs } = draft;
  const gaps = epochs.flatMap(({ epoch }, k) => {
    const next = k === 0 ? 0 : epochs[k - 1].epoch + 1;
    if (epoch === next) return [];
    return [epoch === next + 1 ? `epoch ${next} is missing` : `epochs ${next} to ${epoch - 1} are missing`];
  });
  const planned = args?.epochs, last = epochs.at(-1)?.epoch ?? -1;
  if (isComplete(draft) || typeof planned !== "number" || last + 1 >= planned) return gaps;
  return [...gaps, `the run is not complete: its last epoch is ${last} of 0 to ${planned - 1}`];
}

function lossNotFinite({ draft }: LogState): string[] {
  const found = draft.nonFinite.map(({ epoch }) => epoch);
  if (found.length === 0) return [];
  return [`the loss is ${draft.nonFinite[0].value} in ${several("epoch", found)}`];
}

function several(name: string, numbers: number[]): string {
  if (numbers.length === 1) return `${name} ${numbers[0]}`;
  return `${name}s ${listed(numbers, NAMED)}`;
}

function recipeLost({ draft, unreadable, form }: LogState): string[] {
  if (draft.args) return [];
  const found = form === "json lines" ? "a log of JSON lines has no Namespace" : "the log has no Namespace";
  return [
    `the recipe is unknown: ${unreadable.length > 0 ? `the Namespace in line ${unreadable[0]} is broken` : found}`,
  ];
}
