import type { Line } from "./lines.ts";
import { createJoiner } from "./pieces.ts";
import { compareRanks, splitRank } from "./ranks.ts";
import { createProcessReader } from "./reader.ts";
import type { LogReader } from "./state.ts";

/** Processes that are read; of more, those that come first in their order. */
const MOST_PROCESSES = 64;

/**
 * Makes a reader of the logs of LocalMIM, ViTFreeze and MAE, and of MAE's JSON lines. Where a launcher has numbered the
 * lines, it is the first process with a finished epoch that counts.
 */
export function createLogReader(): LogReader {
  const processes = new Map<string, { rank: number[]; reader: LogReader }>(), joiner = createJoiner();
  let lines = 0;

  function readerOf(rank: number[]): LogReader | undefined {
    const key = rank.join(".");
    const known = processes.get(key);
    if (known) return known.reader;
    if (processes.size === MOST_PROCESSES) {
      const [last, { rank: highest }] = [...processes].reduce((a, b) => compareRanks(a[1].rank, b[1].rank) > 0 ? a : b);
      if (compareRanks(rank, highest) > 0) return undefined;
      processes.delete(last);
    }
    const reader = createProcessReader();
    processes.set(key, { rank, reader });
    return reader;
  }

  function readPrinted(line: Line): void {
    const { rank, text } = splitRank(line.text);
    readerOf(rank)?.read({ ...line, text });
  }

  return {
    read(line) {
      lines = line.number;
      joiner.push(line).forEach(readPrinted);
    },
    state() {
      joiner.end().forEach(readPrinted);
      const states = [...processes.values()].sort((a, b) => compareRanks(a.rank, b.rank)).map(({ rank, reader }) => ({
        rank,
        state: reader.state(),
      }));
      const all = states.map(({ state }) => state);
      const finished = all.find(({ draft }) => draft.epochs.length > 0) ?? all.find(({ known }) => known > 0);
      const chosen = finished ?? all[0] ?? createProcessReader().state();
      const args = chosen.draft.args ?? all.find(({ draft }) => draft.args)?.draft.args ?? null;
      return {
        ...chosen,
        draft: { ...chosen.draft, args },
        processes: Math.max(
          chosen.processes,
          states.filter(({ rank, state }) => rank.length && state.known > 0).length,
        ),
        lines,
        clipped: all.reduce((sum, { clipped }) => sum + clipped, 0),
        cut: all.find(({ cut }) => cut)?.cut ?? null,
      };
    },
  };
}
