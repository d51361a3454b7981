import { fileURLToPath } from "node:url";
import { peakEntries } from "../childPeak.ts";
import { type Context, type Measured, pauseOf, withPeers } from "../context.ts";
import { besidePeers, rateEntry, shareEntry, timeEntry } from "../entries.ts";
import { race } from "../race.ts";
import { Trainer } from "../trainer.ts";

const CHILD = fileURLToPath(new URL("../peakMemory.ts", import.meta.url));
const PARTS = { hog: "step: HOG", step: "step: forward, backward", optimizer: "step: AdamW" };

/** A whole pre-training step, its parts, and the peak memory of a process that does nothing else. */
export async function measureStep(context: Context): Promise<Measured> {
  const { batch, quick, threads } = context.settings;
  return await withPeers(context, 3, async (started) => {
    // Where the processor has no bfloat16, autocast says nothing of what it could do.
    const peers = started.slice(0, started[2]?.hasBf16 ? 3 : 2);
    using trainer = await Trainer.create(threads, batch);
    const ready = await trainer.ready(0, "cut");
    const ours = { name: "ours", once: () => trainer.step(ready) };
    const kinds = [["released", "as released"], ["tuned", "tuned"], ["bf16", "tuned, bf16 autocast"]];
    const contestants = peers.map((peer, k) => peer.contestant(`step-${kinds[k][0]}`, kinds[k][1]));
    const [own, ...timed] = await race(
      [ours, ...contestants],
      { warmup: quick ? 1 : 2, kept: quick ? 2 : 7 },
      pauseOf(context),
    );
    ready.step.dispose();
    return {
      entries: [
        ...besidePeers(timed, (peer) => rateEntry("step", own, peer, batch)),
        ...besidePeers(timed, (peer) => timeEntry("step", own, peer)),
        ...Object.entries(PARTS).flatMap(([part, name]) =>
          besidePeers(timed, (peer) => timeEntry(name, own, peer, part))
        ),
        ...Object.entries(PARTS).map(([part, name]) => shareEntry(`${name}, share`, own, part)),
        ...await peakEntries(
          "step: peak memory",
          CHILD,
          [String(threads), String(batch)],
          peers,
          timed.map(({ name }) => name),
        ),
      ],
    };
  });
}
