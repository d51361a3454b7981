import fc from "fast-check";
import { UserError } from "../../../core/errors.ts";
import { parseLog } from "../../../reports/logs/readLog.ts";
import { assertEqual, assertTrue } from "../../assert.ts";
import { chunked, madeUpLog } from "../../madeUpLog.ts";
import { type Mutant, mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

const EPOCHS = 3;

/** What launchers and collectors make of a line of a process. */
const WAYS: Record<string, (line: string, rank: number) => string[]> = {
  plain: (line) => [line],
  torchrun: (line, rank) => [`[default${rank}]:${line}`],
  srun: (line, rank) => [`${rank}: ${line}`],
  mpirun: (line, rank) => [`[1,${rank}]<stdout>:${line}`],
  compose: (line, rank) => [`\x1b[36mworker-${rank}  |\x1b[0m ${line}`],
  docker: (line) =>
    line.match(/.{1,70}/gs)!.map((part, k, { length }) =>
      JSON.stringify({ log: k === length - 1 ? `${part}\n` : part, stream: "stdout" })
    ),
  kubernetes: (line) =>
    line.match(/.{1,70}/gs)!.map((part, k, { length }) =>
      `2026-01-02T03:04:05.6Z stdout ${k === length - 1 ? "F" : "P"} ${part}`
    ),
};
const NUMBERED = ["torchrun", "srun", "mpirun", "compose"];

const input = fc.record({
  ranks: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }),
  way: fc.constantFrom(...Object.keys(WAYS)),
  /** By how many lines each process is behind. */
  behind: fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }),
  said: fc.boolean(),
  ended: fc.boolean(),
  mutant: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: mutants(1) }),
});

/** The lines of all processes in one file, each some lines behind. */
function mixed(ranks: number[], behind: number[], said: boolean, ended: boolean, way: string): string {
  const texts = ranks.map((rank) => {
    const own = { rank: String(rank), world_size: String(ranks.length), epochs: String(EPOCHS) };
    const loss = (at: number) => 0.2 + 0.01 * rank + 0.1 / (1 + at);
    return madeUpLog({ args: said ? own : null, loss, last: EPOCHS - 1, ends: ended }).trimEnd().split("\n");
  });
  // Processes begin together: their recipes and the first iteration.
  const HEAD = said ? 3 : 2, length = Math.max(...texts.map((own) => own.length));
  const heads = Array.from({ length: HEAD }, (_, k) => texts.map((own, p) => ({ line: own[k], rank: ranks[p] })))
    .flat();
  const rest = Array.from({ length: length + 5 }, (_, k) =>
    texts.flatMap((own, p) => {
      const line = own.slice(HEAD)[k - behind[p]];
      return line === undefined ? [] : [{ line, rank: ranks[p] }];
    })).flat();
  return [...heads, ...rest].flatMap(({ line, rank }) => WAYS[way](line, rank)).join("\n") + "\n";
}

/** Logs of several processes. One start, all epochs, the process that is said; what was damaged is read or refused. */
export const rankLogs = fuzzReader("rank logs", 2, () => ({
  inputs: input,
  async read({ ranks, way, behind, said, ended, mutant }: {
    ranks: number[];
    way: string;
    behind: number[];
    said: boolean;
    ended: boolean;
    mutant: Mutant | null;
  }) {
    const bytes = new TextEncoder().encode(mixed(ranks, behind, said, ended, way));
    const log = await parseLog(mutant ? [mutate([bytes], mutant)] : chunked(new TextDecoder().decode(bytes), 999))
      .catch((error) => {
        throw error.name === "NotALog" ? new UserError(error.message) : error;
      });
    const epochs = log.run.epochs.map(({ epoch }) => epoch);
    assertTrue(epochs.every((epoch, k) => k === 0 || epoch > epochs[k - 1]), "epochs fall");
    if (mutant && mutant.edits.length > 0) return;
    assertEqual([log.starts.length, epochs, log.processes], [1, [0, 1, 2], ranks.length]);
    const lowest = Math.min(...ranks), losses = log.run.epochs.map(({ lossLast }) => lossLast!);
    const of = (rank: number) => 0.2 + 0.01 * rank + 0.1 / 4;
    const wanted = NUMBERED.includes(way) || ranks.length === 1 || log.warnings.some((line) =>
        line.includes("by their order")
      )
      ? of(lowest)
      : (Math.min(...ranks.map(of)) + Math.max(...ranks.map(of))) / 2;
    const span = of(Math.max(...ranks)) - of(lowest);
    // The median of the last twenty iterations before the end, in four decimals.
    const off = Math.abs(losses[2] - wanted);
    assertTrue(off < 2e-3 + (wanted === of(lowest) ? 0 : span / 2), `loss ${losses[2]}, want ${wanted}`);
    const several = ranks.length > 1 && !NUMBERED.includes(way);
    assertEqual(log.warnings.some((line) => line.includes("no sign of their processes")), several, log.warnings.join());
  },
}), true);
