import { Interrupted } from "../cli/interrupt.ts";
import type { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { localMim } from "../core/methods/localmim/method.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import type { FoundCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import { RankKeeper } from "../training/checkpoint/rankKeeper.ts";
import { type Layout, spansOf } from "../training/checkpoint/ranksSpans.ts";
import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import type { Work } from "../training/work.ts";
import type { RanksSpan } from "../records/schema.ts";
import { assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { keeperOptions } from "./keeperTools.ts";
import { settleOnRanks } from "./ranksInProcess.ts";
import { inFolder } from "./reportTools.ts";
import { STATE, stateHash, timeless } from "./runState.ts";
import { FINETUNE, finetune, monitor, pretrain, pretrainConfig, TWO_STAGES } from "./trainingTools.ts";

/** One thread: the ranks share this process's cores. */
const engine = new CompiledEngine(1);

/** A phase: what a rank does of it. */
type Phase = (work: Partial<Work>) => Promise<Ended>;
interface Ended {
  arena: Arena;
  epochs: { exchangedBytes?: number }[];
}

/** Two epochs of three steps; all freezes with t0 below 1. */
const pretraining = (t0: number, eps = 1e-8): Phase => (work) =>
  pretrain(pretrainConfig({ epochs: 2, batch: 8, eps }, { t0 }, TWO_STAGES), { engine, ...work });
const finetuning: Phase = (work) =>
  finetune({ ...FINETUNE, model: localMim.encoder(TWO_STAGES).vit, epochs: 2, batch: 8 }, { engine, ...work });

/** One start of a run: how many ranks, their passes a step, and after which step which rank is told to stop. */
interface Start {
  size: number;
  accum: number;
  stop?: { after: number; rank: number };
}

/** What came of a start: the run, or where it was left; and which processes have shared it. */
interface Came {
  ended?: Ended;
  saved?: number;
  spans: RanksSpan[];
  steps: number;
}

/** Begins the phase of a folder, or goes on with it, as a command would. */
async function start(folder: string, phase: Phase, { size, accum, stop }: Start): Promise<Came> {
  const options = (layout: Layout) => ({
    ...keeperOptions(folder),
    run: { test: "parallel", engine: { threads: size } },
    keep: 1,
    layout,
  });
  let own: PhaseKeeper | undefined, steps = 0;
  const spans: RanksSpan[][] = [];
  const work = async (ranks: Ranks, control: AbortController) => {
    const { rank, library, hosts } = ranks, layout = { library, hosts: [...hosts], threads: 1, accum };
    if (rank === 0) own = await PhaseKeeper.open(options(layout), "2026-01-01T00:00:00Z");
    const keeper = await RankKeeper.share(ranks, rank === 0 ? own : undefined);
    spans[rank] = keeper.spans;
    const step = ({ done }: { done: number }) => {
      if (rank === 0) steps++;
      if (stop?.after === done && stop.rank === rank) control.abort(new Interrupted("SIGINT"));
    };
    return await phase({ ranks, accum, keeper, monitor: monitor(step, control.signal) });
  };
  const settled = size === 1
    ? await Promise.allSettled([work(ALONE, new AbortController())])
    : await settleOnRanks(size, work);
  const ended = settled.map((each) => each.status === "fulfilled" ? each.value : each.reason);
  for (const each of spans) assertEqual(each, spans[0], "ranks know of other spans");
  const came = { saved: own!.saved, spans: spans[0], steps };
  if (stop) {
    assertEqual(ended.map(String), new Array(size).fill("Interrupted: stopped by SIGINT"));
    return came;
  }
  for (const each of ended) if (each instanceof Error) throw each;
  for (const other of ended) {
    assertEqual([stateHash(other.arena), timeless(other)], [stateHash(ended[0].arena), timeless(ended[0])]);
  }
  return { ...came, ended: ended[0] };
}

/** The hosts of each span, and the step from which on they shared the run. */
const outline = (spans: RanksSpan[]) => spans.map(({ from, hosts, accum }) => [from, hosts.length, accum]);

const ONE = { size: 1, accum: 2 }, TWO = { size: 2, accum: 1 };

for (const [name, phase] of Object.entries({ pretrain: pretraining(1), finetune: finetuning })) {
  Deno.test(`${name}() that is stopped on 2 ranks after any step, and goes on in one process, is the straight run`, () =>
    inFolder(async (folder) => {
      const { ended: straight } = await start(`${folder}/straight`, phase, ONE);
      for (let after = 1; after <= 6; after++) {
        const own = `${folder}/${after}`,
          stopped = await start(own, phase, { ...TWO, stop: { after, rank: after % 2 } });
        assertEqual([stopped.saved, stopped.steps], [after, after]);
        const { ended, steps, spans } = await start(own, phase, ONE);
        assertEqual(steps, 6 - after, "steps that were run again");
        assertEqual(outline(spans), [[0, 2, 1], [after, 1, 2]]);
        assertEqual(timeless(ended!), timeless(straight!), `stopped after step ${after}`);
        assertEqual(stateHash(ended!.arena), stateHash(straight!.arena), `stopped after step ${after}`);
      }
    }));

  Deno.test(`${name}() that is stopped in one process, and on 2 ranks, and goes on there, is the straight run`, () =>
    inFolder(async (folder) => {
      const { ended: straight } = await start(`${folder}/straight`, phase, TWO), own = `${folder}/own`;
      const alone = await start(own, phase, { ...ONE, stop: { after: 2, rank: 0 } });
      assertEqual([alone.saved, outline(alone.spans)], [2, [[0, 1, 2]]]);
      const two = await start(own, phase, { ...TWO, stop: { after: 4, rank: 1 } });
      const span = { library: "one process", hosts: ["host0", "host1"], threads: 1, accum: 1 };
      assertEqual([two.saved, two.spans.slice(1)], [4, [{ from: 2, ...span }]]);
      // The same ranks again are no other span.
      const { ended, spans } = await start(own, phase, TWO);
      assertEqual(spans, two.spans);
      const bytes = [straight!, ended!].map(({ epochs }) => epochs.map((each) => each.exchangedBytes!));
      assertEqual(bytes[1], [bytes[0][0] / 3, bytes[0][1]], "two of the first three steps were exchanged with nobody");
      assertEqual(timeless(ended!), timeless(straight!));
      assertEqual(stateHash(ended!.arena), stateHash(straight!.arena));
    }));
}

Deno.test("pretrain() that goes from 2 ranks to 4 is one process that goes from 2 passes to 4, bit for bit", () =>
  inFolder(async (folder) => {
    const phase = pretraining(0.5, 1e-3),
      stop = { after: 2, rank: 0 },
      [ranks, passes] = [`${folder}/a`, `${folder}/b`];
    await start(ranks, phase, { ...TWO, stop });
    await start(passes, phase, { ...ONE, stop });
    const { ended: shared, spans } = await start(ranks, phase, { size: 4, accum: 1 });
    const { ended: alone } = await start(passes, phase, { size: 1, accum: 4 });
    assertEqual(outline(spans), [[0, 2, 1], [2, 4, 1]]);
    assertEqual(timeless(shared!), timeless(alone!));
    assertEqual(stateHash(shared!.arena), stateHash(alone!.arena));
    // Other passes add up gradients in another order: the straight run is the same up to rounding, 9.7e-8 as measured.
    const { ended: straight } = await start(`${folder}/c`, phase, ONE), bits = stateHash(straight!.arena);
    assertTrue(stateHash(shared!.arena) !== bits, "another number of passes should show");
    for (const region of STATE) {
      const all = ({ arena }: { arena: Arena }) => arena.names().flatMap((name) => [...arena.view(name, region)]);
      const apart = relativeNorm(all(shared!), all(straight!));
      assertTrue(apart < 1e-6, `${region} are ${apart} apart`);
    }
  }));

Deno.test("one process does not go on with other threads; among ranks the threads may change", () =>
  inFolder(async (folder) => {
    const phase = finetuning,
      options = (threads: number, hosts: string[]) => ({
        ...keeperOptions(folder),
        run: { test: "parallel", engine: { threads } },
        layout: { library: "", hosts, threads },
      });
    await start(folder, phase, { ...ONE, stop: { after: 1, rank: 0 } });
    await assertRejects(
      () => PhaseKeeper.open(options(2, [""]), "2026-01-01T00:00:00Z"),
      /engine\.threads is 1 in checkpoint-00000001, 2 now; want the same, or --fresh to start over, or --threads 1$/,
    );
    const { spans: alone } = await PhaseKeeper.open(options(1, [""]), "2026-01-01T00:00:00Z");
    assertEqual(outline(alone), [[0, 1, 2], [1, 1, undefined]]);
    const { spans } = await PhaseKeeper.open(options(2, ["a", "b"]), "2026-01-01T00:00:00Z");
    const shared = { from: 1, library: "", hosts: ["a", "b"], threads: 2 };
    assertEqual(spans.slice(1), [shared]);
  }));

Deno.test("spansOf() begins a span where the processes are others than before, and refuses a broken list", async () => {
  const found = (ranks?: RanksSpan[]): FoundCheckpoint => ({
    name: "checkpoint-00000007",
    header: {
      kind: "vitfreeze.checkpoint",
      version: 2,
      iteration: 7,
      run: {},
      start: "2026-01-01T00:00:00Z",
      progress: {},
      tensors: { file: "", bytes: 0, sha256: "" },
      ...(ranks && { ranks }),
    },
  });
  const two: Layout = { library: "MPI 1", hosts: ["a", "b"], threads: 4 };
  const one: Layout = { library: "", hosts: [""], threads: 8 };
  const before = [{ from: 0, ...two }];
  assertEqual([spansOf(), spansOf(one), spansOf(one, found()), spansOf(undefined, found())], [[], [], [], []]);
  assertEqual(spansOf({ ...one, accum: 2 }), [{ from: 0, ...one, accum: 2 }]);
  assertEqual(spansOf(two), before);
  assertEqual(spansOf(two, found()), [{ from: 7, ...two }]);
  assertEqual([spansOf(two, found(before)), spansOf(undefined, found(before))], [before, before]);
  const others: Layout[] = [
    one,
    { ...two, library: "MPI 2" },
    { ...two, hosts: ["b", "a"] },
    { ...two, hosts: ["a", "b", "b"] },
    { ...two, threads: 3 },
    { ...two, accum: 2 },
  ];
  for (const other of others) assertEqual(spansOf(other, found(before)), [...before, { from: 7, ...other }]);
  await assertRejects(
    () => spansOf(two, found([{ from: 0, ...two, hosts: [] }])),
    /^Cannot use checkpoint checkpoint-00000007: its list of ranks is broken$/,
  );
});
