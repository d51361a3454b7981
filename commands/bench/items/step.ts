import { fileURLToPath } from "node:url";
import { UserError } from "../../../core/errors.ts";
import { type Context, type Measured, pauseOf, withPeers } from "../context.ts";
import { besidePeers, ownEntry, rateEntry, shareEntry, timeEntry } from "../entries.ts";
import type { Entry } from "../model.ts";
import type { Peer } from "../peer.ts";
import { race } from "../race.ts";
import { Trainer } from "../trainer.ts";

const CHILD = fileURLToPath(new URL("../peakMemory.ts", import.meta.url));
const PARTS = { hog: "step: HOG", step: "step: forward, backward", optimizer: "step: AdamW" };

/** A whole pre-training step, its parts, and the peak memory of a process that does nothing else. */
export async function measureStep(context: Context): Promise<Measured> {
  const { batch, quick, threads } = context.settings;
  return await withPeers(context, 2, async (peers) => {
    using trainer = await Trainer.create(threads, batch);
    const ready = await trainer.ready(0, "cut");
    const ours = { name: "ours", once: () => trainer.step(ready) };
    const names = ["released", "tuned"],
      contestants = peers.map((peer, k) => {
        return peer.contestant(`step-${names[k]}`, names[k] === "released" ? "as released" : names[k]);
      });
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
        ...await memoryEntries(context, peers, timed.map(({ name }) => name)),
      ],
    };
  });
}

/** Peak memory; nothing where the system does not tell it. */
async function memoryEntries({ settings }: Context, peers: Peer[], names: string[]): Promise<Entry[]> {
  if (Deno.build.os !== "linux") return [];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CHILD, String(settings.threads), String(settings.batch)],
  }).output();
  const bytes = Number(new TextDecoder().decode(stdout));
  if (code !== 0 || !(bytes > 0)) {
    const found = new TextDecoder().decode(stderr).trim().split("\n")[0] || `exit code ${code}`;
    throw new UserError(`Cannot measure the memory of a step: ${found}, want a process that trains`);
  }
  const entry = ownEntry("step: peak memory", "bytes", [bytes]);
  if (peers.length === 0) return [entry];
  return await Promise.all(peers.map(async (peer, k) => {
    const peak = await peer.peakBytes();
    const other = { name: names[k], median: peak, min: peak, max: peak, n: 1 };
    return { ...entry, peer: other, ratio: peak / bytes };
  }));
}
