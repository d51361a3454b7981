import type { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { Step } from "../core/engine/program.ts";
import type { ConvNet, ConvNetConfig } from "../core/models/convnet/convNet.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import type { Metrics } from "../records/schema.ts";
import type { Normalisation } from "./config.ts";
import { breathe, type Monitor } from "./monitor.ts";
import { Scores } from "./scores.ts";
import type { WholeImages } from "./wholeImages.ts";

/** Images of a pass. */
const BATCH = 100;

/** A network in inference mode over images in memory; made once: its step takes the weights anew each time. */
export class ConvEvaluation {
  #step: Step | undefined;

  constructor(
    readonly engine: Engine,
    readonly net: ConvNet<ConvNetConfig>,
    readonly config: ConvNetConfig,
    readonly normalisation: Normalisation,
    readonly monitor: Monitor,
  ) {}

  /** Accuracies in percent and mean cross-entropy, without augmentation. Every rank looks at all images. */
  async metrics(arena: Arena, { pixels, labels }: WholeImages): Promise<Metrics> {
    const { imageSize, numClasses } = this.config, bytes = imageSize * imageSize * 3, images = labels.length;
    this.#step?.reread();
    this.#step ??= await this.engine.infer(this.net.inference(this.config, BATCH), arena);
    const scores = new Scores(images), { mean, std } = this.normalisation;
    for (let first = 0; first < images; first += BATCH) {
      await breathe(this.monitor);
      const count = Math.min(BATCH, images - first), feed = new Float32Array(BATCH * bytes);
      for (let i = 0; i < count; i++) {
        toPlanar(pixels.subarray((first + i) * bytes, (first + i + 1) * bytes), feed, i * bytes, mean, std);
      }
      const { logits } = await this.#step.run({ images: feed });
      scores.add(logits, numClasses, labels, first, count);
    }
    return scores.metrics();
  }

  /** Frees the step. */
  dispose(): void {
    this.#step?.dispose();
  }
}
