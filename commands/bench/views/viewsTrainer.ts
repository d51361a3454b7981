import type { Step } from "../../../core/engine/program.ts";
import type { Feeder } from "../../../core/methods/method.ts";
import { methodOf } from "../../../core/methods/mod.ts";
import type { Optimizer } from "../../../core/optim/optimizer.ts";
import { decodeImage } from "../../../datasets/imageFolder/decode.ts";
import { decodedImage } from "../../../datasets/sourceImage.ts";
import { toPlanar } from "../../../datasets/transforms/normalize.ts";
import { type Batch, consecutive, loadBatch } from "../../../training/batches.ts";
import { Clock } from "../../../training/clock.ts";
import type { PretrainConfig } from "../../../training/config.ts";
import type { Objective, Stretch } from "../../../training/objective.ts";
import { pretrainObjective } from "../../../training/phases/pretrain.ts";
import { maskStream } from "../../../training/streams.ts";
import { UserError } from "../../../core/errors.ts";
import type { ViewPart } from "../model.ts";
import { startTraining } from "../startTraining.ts";
import type { JpegFiles } from "./jpegFiles.ts";

const SEED = 0, KIND = "pretrain";

/** A pre-training whose steps are taken part by part, nothing beside anything else: what a part takes by itself. */
export class ViewsTrainer {
  #taken = 0;

  private constructor(
    readonly config: PretrainConfig,
    readonly imageSize: number,
    readonly objective: Objective<Batch>,
    readonly stretch: Stretch,
    readonly feeder: Feeder,
    readonly step: Step,
    readonly encoder: Step,
    readonly optimizer: Optimizer,
  ) {}

  /** @throws {UserError} where the method's encoder cannot be told from its decoder */
  static async create(config: PretrainConfig, threads: number): Promise<ViewsTrainer> {
    const { name, method, config: model } = methodOf(config.method), { batch } = config;
    if (!method.encoderProgram) {
      throw new UserError(`Cannot measure views of ${name}: want a method with a decoder apart`);
    }
    const split = {
      length: batch,
      labels: new Int32Array(batch),
      load: () => Promise.reject(new RangeError("no image")),
    };
    const objective = pretrainObjective(config, split, SEED), stretch = objective.stretch(0, batch);
    const { engine, arena, optimizer } = await startTraining(objective, threads);
    const step = await engine.train(stretch.program, arena, stretch.gradients);
    const own = stretch.gradients.filter((parameter) => {
      const owner = method.owner(parameter, model);
      return owner === "clsToken" || "layer" in owner;
    });
    const encoder = await engine.train(method.encoderProgram(model, batch), arena, own);
    const { stageBlocks, vit: { imageSize } } = method.encoder(model);
    const feeder = method.feeder(model, stageBlocks.map(() => true));
    return new ViewsTrainer(config, imageSize, objective, stretch, feeder, step, encoder, optimizer);
  }

  /**
   * One step on the next images: seconds of its parts, and of all of them. The decoder's are those of the whole model without
   * those of the encoder alone.
   */
  async once(files: JpegFiles): Promise<{ seconds: number; parts: Record<ViewPart, number> }> {
    const { config, imageSize, feeder, step, encoder, objective, optimizer, stretch } = this, { batch } = config;
    const first = this.#taken++ * batch, clock = new Clock([]), places = consecutive(0, batch);
    const encoded = await Promise.all(Array.from(places, (k) => files.read(first + k)));
    clock.mark("load");
    const split = {
      length: batch,
      labels: new Int32Array(batch),
      async load(k: number) {
        const { pixels, width, height } = await decodeImage(encoded[k], `${files.about.name} ${k}`);
        return decodedImage(pixels, width, height);
      },
    };
    const at = { kind: KIND, seed: SEED, epoch: this.#taken } as const;
    const { pixels } = await loadBatch(split, places, { ...config, ...at, imageSize }, at.epoch, places);
    clock.mark("decode");
    const targets = feeder.targets(pixels, batch);
    clock.mark("target");
    const images = new Float32Array(pixels.length), size = pixels.length / batch;
    for (let k = 0; k < batch; k++) toPlanar(pixels.subarray(k * size, (k + 1) * size), images, k * size);
    const feeds = feeder.inputs(images, batch, targets, (image, view) => maskStream(at, image, view));
    clock.mark("masks");
    await encoder.run(feeds);
    clock.mark("encoder");
    await step.run(feeds);
    clock.mark("model");
    optimizer.accumulate(stretch.gradients, 0);
    optimizer.update(objective.updates(0, stretch), this.#taken);
    clock.mark("optimiser");
    const { load, decode, target, masks, encoder: own, model, optimiser } = clock.seconds;
    return {
      seconds: load + decode + target + masks + model + optimiser,
      parts: { load, decode, target, masks, encoder: own, decoder: model - own, optimiser },
    };
  }

  /** Frees the steps, and ends the threads of the optimiser. */
  [Symbol.dispose](): void {
    this.step.dispose();
    this.encoder.dispose();
    this.optimizer.dispose();
  }
}
