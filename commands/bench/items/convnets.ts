import { fileURLToPath } from "node:url";
import { peakEntries } from "../childPeak.ts";
import { type Context, type Measured, pauseOf, withPeers } from "../context.ts";
import { CONV_BATCH, CONV_CASES, type ConvCase, ConvTrainer } from "../convTrainer.ts";
import { besidePeers, timeEntry } from "../entries.ts";
import type { Entry } from "../model.ts";
import { race } from "../race.ts";
import { measureConvSaving } from "./convSaving.ts";

const CHILD = fileURLToPath(new URL("../convPeakMemory.ts", import.meta.url));
/** The peers' memory formats: as PyTorch lays images out unless told, and its faster one. */
const FORMATS = [["nchw", "NCHW"], ["last", "channels last"]] as const;
/** Cases with --quick. */
const QUICK = 2;

/** Whole training steps of convolutional networks for 32-pixel images, and the peak memory of processes that do nothing else. */
export async function measureConvnets(context: Context): Promise<Measured> {
  const { settings: { quick } } = context, entries: Entry[] = [];
  for (const wanted of quick ? CONV_CASES.slice(0, QUICK) : CONV_CASES) {
    context.say(`convnets: ${wanted.name}`);
    entries.push(...await measureCase(context, wanted));
  }
  const saving = CONV_CASES.find(({ name }) => name === (quick ? "WRN-16-1" : "WRN-16-4"))!;
  entries.push(...await measureConvSaving(context, saving));
  return { entries };
}

async function measureCase(context: Context, wanted: ConvCase): Promise<Entry[]> {
  const { quick, threads } = context.settings, name = `${wanted.name}, batch ${CONV_BATCH}`;
  return await withPeers(context, FORMATS.length, async (peers) => {
    using trainer = await ConvTrainer.create(wanted, threads);
    const contestants = peers.map((peer, k) => peer.contestant(`conv-${wanted.peer}-${FORMATS[k][0]}`, FORMATS[k][1]));
    const [own, ...timed] = await race(
      [{ name: "ours", once: () => trainer.once() }, ...contestants],
      { warmup: 2, kept: quick ? 3 : 9 },
      pauseOf(context),
    );
    return [
      ...besidePeers(timed, (peer) => timeEntry(name, own, peer)),
      ...await peakEntries(
        `${name}: peak memory`,
        CHILD,
        [String(threads), wanted.name],
        peers,
        timed.map(({ name }) => name),
      ),
    ];
  });
}
