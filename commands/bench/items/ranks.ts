import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { DEVICES } from "../../../core/cost/devices.ts";
import { parallelStep } from "../../../core/cost/exchange.ts";
import { frozenPrefix } from "../../../core/cost/state.ts";
import { OUR_CHOICES } from "../../../core/cost/stepCost.ts";
import { UserError } from "../../../core/errors.ts";
import { openMpi } from "../../../distributed/mpi/library.ts";
import type { Context, Measured } from "../context.ts";
import { ownEntry } from "../entries.ts";
import { findLauncher, launch, type Launcher } from "../launcher.ts";
import type { Entry, SeveralRanks } from "../model.ts";
import type { Repetition } from "../race.ts";
import { parseFigures, type RankFigures, RANKS, type Way, WAYS } from "../rankFigures.ts";
import { summarise } from "../statistics.ts";
import { MODEL } from "../trainer.ts";

const CHILD = fileURLToPath(new URL("../rankSteps.ts", import.meta.url));
const PARTS = { exchange: "exchange", optimizer: "AdamW" };
/** Networks that the cost model is asked about. */
const NODES = 8, GIGABITS = [10, 100];

/**
 * Steps of two processes of one thread each, which exchange gradients or do not; nothing where MPI is not to be had.
 *
 * @param program that starts ranks
 */
export async function measureRanks(context: Context, program = "mpirun"): Promise<Measured> {
  const { settings: { batch, quick }, signal } = context;
  let launcher: Launcher;
  try {
    launcher = await findLauncher(program);
    openMpi(launcher.family);
    const cores = availableParallelism();
    if (cores < RANKS) throw new UserError(`Cannot measure ${RANKS} ranks on ${cores} core, want one each`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.say(`ranks: skipped: ${error.message}`);
    return { entries: [] };
  }
  const rounds = quick ? [1, 3] : [2, 7];
  const words = [Deno.execPath(), "run", "-A", CHILD, ...[batch, ...rounds].map(String)];
  const figures = parseFigures(await launch(launcher, RANKS, words, signal));
  return { entries: rankEntries(figures), ranks: severalRanks(figures, batch) };
}

/** What ranks measured, in seconds. */
export function rankEntries({ steps, allReduces }: RankFigures): Entry[] {
  const ways = Object.keys(WAYS) as Way[], exchanging = ["whole", "overlapped"] as const;
  const partEntry = (way: Way, part: keyof typeof PARTS) =>
    ownEntry(`${WAYS[way]}: ${PARTS[part]}`, "s", steps[way].map(({ parts }) => parts[part]));
  return [
    ...ways.map((way) => ownEntry(`${WAYS[way]}: step`, "s", seconds(steps[way]))),
    ...exchanging.flatMap((way) => [partEntry(way, "exchange"), partEntry(way, "optimizer")]),
    ownEntry(`${RANKS} ranks: all-reduce by itself`, "s", seconds(allReduces[0].repetitions)),
  ];
}

/** What follows from it, and what the cost model expects of more ranks with as many images each. */
export function severalRanks({ library, steps, bytes, allReduces }: RankFigures, batch: number): SeveralRanks {
  const [alone, apart, ranks, overlapped] = [steps.alone, steps.apart, steps.whole, steps.overlapped]
    .map((repetitions) => summarise(seconds(repetitions)).median);
  return {
    library,
    efficiency: {
      machine: alone / apart,
      exchange: apart / ranks,
      whole: alone / ranks,
      overlap: ranks / overlapped,
    },
    states: bytes.map((count, frozen) => {
      const own = allReduces.find((one) => one.frozen === frozen);
      return { frozen, bytes: count, allReduce: own ? summarise(seconds(own.repetitions)) : null };
    }),
    predicted: allReduces.flatMap(({ frozen }) => GIGABITS.map((gigabits) => predicted(frozen, gigabits, batch))),
  };
}

function predicted(frozen: number, gigabitsPerSecond: number, batch: number): SeveralRanks["predicted"][number] {
  const network = { nodes: NODES, gigabitsPerSecond }, options = { ...OUR_CHOICES, batch, accumulation: 1 };
  const step = parallelStep(MODEL, frozenPrefix(MODEL, frozen), options, DEVICES.cpu, network);
  const { seconds, exchangeSeconds, efficiency } = step;
  return { frozen, ...network, seconds, exchangeSeconds, efficiency };
}

function seconds(repetitions: readonly Repetition[]): number[] {
  return repetitions.map(({ seconds }) => seconds);
}
