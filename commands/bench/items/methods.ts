import { fileURLToPath } from "node:url";
import { drawViews } from "../../../core/masking/drawViews.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { peakEntries } from "../childPeak.ts";
import { type Context, type Measured, pauseOf, withPeers } from "../context.ts";
import { besidePeers, ownEntry, timeEntry } from "../entries.ts";
import { METHOD_CASES, type MethodCase, TWO_VIEWS } from "../methodCases.ts";
import { MethodTrainer } from "../methodTrainer.ts";
import type { Entry } from "../model.ts";
import { contestant, race, type Rounds } from "../race.ts";

const CHILD = fileURLToPath(new URL("../methodPeakMemory.ts", import.meta.url));
/** Images whose masks are drawn at once, two disjoint views of 14 x 14 patches each. */
const MASKED = 1000, GRID = 14;

/** Whole training steps of methods of masked image modelling, and the peak memory of processes that do nothing else. */
export async function measureMethods(context: Context): Promise<Measured> {
  const entries: Entry[] = [];
  for (const wanted of METHOD_CASES) {
    context.say(`methods: ${wanted.name}`);
    entries.push(...await measureCase(context, wanted));
  }
  return { entries: [...entries, await measureViews(context), await measureMasks(context)] };
}

function rounds({ settings: { quick } }: Context): Rounds {
  return { warmup: quick ? 1 : 2, kept: quick ? 2 : 7 };
}

async function measureCase(context: Context, { name, peer, config }: MethodCase): Promise<Entry[]> {
  const { batch, threads } = context.settings;
  return await withPeers(context, 1, async (peers) => {
    using trainer = await MethodTrainer.create(config, threads, batch);
    const contestants = peers.map((each) => each.contestant(`mim-${peer}`, "tuned"));
    const ours = { name: "ours", once: () => trainer.once() };
    const [own, ...timed] = await race([ours, ...contestants], rounds(context), pauseOf(context));
    return [
      ...besidePeers(timed, (peer) => timeEntry(`${name}, a step`, own, peer)),
      ...await peakEntries(
        `${name}: peak memory`,
        CHILD,
        [String(threads), String(batch), name],
        peers,
        timed.map(({ name }) => name),
      ),
    ];
  });
}

/** Two views of half as many images, in turn with single views: percent of their time. */
async function measureViews(context: Context): Promise<Entry> {
  const { batch, threads } = context.settings, images = Math.max(1, Math.floor(batch / 2));
  context.say(`methods: ${TWO_VIEWS.name}`);
  using two = await MethodTrainer.create(TWO_VIEWS.config, threads, images);
  using one = await MethodTrainer.create(METHOD_CASES[0].config, threads, 2 * images);
  const [pairs, singles] = await race(
    [{ name: "two views", once: () => two.once() }, { name: "single views", once: () => one.once() }],
    rounds(context),
    pauseOf(context),
  );
  const shares = pairs.repetitions.map(({ seconds }, k) => 100 * seconds / singles.repetitions[k].seconds);
  return ownEntry(`${TWO_VIEWS.name}: of the time of as many single ones`, "%", shares);
}

/** Seconds that the masks of many images take. */
async function measureMasks(context: Context): Promise<Entry> {
  const config = { maskRatio: 0.75, pattern: "uniform", views: 2, viewRule: "disjoint", predRatio: 1 } as const;
  const draw = () => {
    for (let i = 0; i < MASKED; i++) drawViews(config, GRID, (view) => randomStream(i, "mask", view));
  };
  const [timed] = await race([contestant("masks", draw)], { warmup: 3, kept: 9 }, pauseOf(context));
  return ownEntry(
    `masks of ${MASKED} images, two disjoint views`,
    "s",
    timed.repetitions.map(({ seconds }) => seconds),
  );
}
