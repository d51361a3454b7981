import { createHog } from "../../../core/hog/createHog.ts";
import { cellSize, targetChannels } from "../../../core/methods/localmim/config.ts";
import { gridSize } from "../../../core/models/config.ts";
import { type Context, type Measured, pauseOf, withPeers } from "../context.ts";
import { besidePeers, rateEntry } from "../entries.ts";
import { contestant, race } from "../race.ts";
import { drawnImages, firstBatch, MODEL } from "../trainer.ts";

/** Images of one repetition: enough to be timed. */
const BATCH = 8;

/** HOG targets: four scales, three colours, 224 px, from bytes; images per second. */
export async function measureHog(context: Context): Promise<Measured> {
  const { pixels } = await firstBatch(drawnImages(BATCH), BATCH), { imageSize, hogBins: bins, stageScales } = MODEL;
  const cells = stageScales.map((_, stage) => cellSize(MODEL, stage));
  const hog = createHog({ height: imageSize, width: imageSize, cells, bins });
  const targets = stageScales.map((scale) =>
    new Float32Array(BATCH * (gridSize(MODEL) * scale) ** 2 * targetChannels(MODEL))
  );
  const ours = contestant("ours", () => {
    for (let b = 0; b < BATCH; b++) hog(pixels, b * imageSize * imageSize * 3, targets, b);
  });
  return await withPeers(context, 1, async (peers) => {
    const others = peers.flatMap((peer) => [
      peer.contestant("hog-released", "as released"),
      peer.contestant("hog-shared", "one histogram"),
    ]);
    const rounds = { warmup: 2, kept: context.settings.quick ? 3 : 9 };
    const [own, ...timed] = await race([ours, ...others], rounds, pauseOf(context));
    return { entries: besidePeers(timed, (peer) => rateEntry("HOG, one thread", own, peer, BATCH)) };
  }, BATCH);
}
