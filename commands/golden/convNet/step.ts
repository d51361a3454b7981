import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, quantity } from "../check.ts";
import { absoluteError, errorOfLargest, largest, type Named, relativeError, worst } from "./compare.ts";
import { trainingEngine } from "../engine.ts";
import { type FixtureConfig, floats, keepOf, metadataOf, netOf, oneHot } from "./fixture.ts";
import { meanLoss } from "./logits.ts";
import { Trainee } from "./trainee.ts";

/**
 * Allowed errors: float32 arithmetic done in another order. Losses are relative, logits of the largest, gradients in the
 * 2-norm of each tensor, what three steps leave absolute; all are some ten times what float32 programs differ by.
 */
const TOLERANCE = { loss: 2e-6, logits: 1e-5, gradient: 2e-4, weights: 5e-6, momentum: 5e-5, zero: 1e-5 };
/** VGG's norms stand behind dropout on a few rows, where some features hardly vary: noise is ten times as large. */
const OF_VGG = 10;
/** How far beyond the noise that the fixture's maker measured a larger net may be. */
const BEYOND_NOISE = 10;
const STEPS = 3;

/**
 * Checks logits, loss, every gradient, running statistics, three steps of SGD and inference mode of a net.
 *
 * @param file a fixture of kind "convnet-…"
 * @throws {UserError} when a tensor is missing, or the metadata describe no net
 */
export async function checkConvNet(file: SafetensorsFile): Promise<Check> {
  const config = metadataOf<FixtureConfig>(file, "cfg"), zero = new Set(metadataOf<string[]>(file, "zero_gradient"));
  const { shape: [batch, , imageSize], data: images } = getTensor(file, "x", Float32Array);
  const labels = getTensor(file, "labels", Int32Array).data, targets = oneHot(labels, config.classes);
  const engine = trainingEngine(), trainee = await Trainee.create(engine, netOf(config, imageSize), config);
  const { arena, parameters } = trainee, layers = trainee.chosen.net.layers(trainee.chosen.config);
  const rates = new Array<number>(layers).fill(trainee.training.lr), losses: number[] = [];
  const gradients: Named[] = [], zeros: Named[] = [], moved: Named[] = [];
  let logits = NaN;
  trainee.load(file, "sd0");
  const statistics = arena.names().filter((name) => !parameters.includes(name));
  for (let i = 0; i < STEPS; i++) {
    const outputs = await trainee.pass({ images, targets, ...keepOf(file, i) }, batch, 0);
    losses.push(Math.abs(outputs.loss[0] / floats(file, `loss_step${i}`)[0] - 1));
    if (i === 0) {
      logits = errorOfLargest(outputs.logits, floats(file, "logits0"));
      moved.push(...statistics.map((name) => absoluteError(file, "bn_after_step0", name, arena.view(name))));
      const top = Math.max(...parameters.map((name) => largest(arena.view(name, "gradient"))));
      for (const name of parameters) {
        const gradient = arena.view(name, "gradient");
        if (zero.has(name)) zeros.push([largest(gradient) / top, name]);
        else gradients.push(relativeError(file, "grad0", name, gradient));
      }
    }
    trainee.update(rates, 0, i + 1);
  }
  const weights = arena.names().map((name) => absoluteError(file, "sd3", name, arena.view(name)));
  const momentum = parameters.map((name) => absoluteError(file, "momentum3", name, arena.view(name, "moment1")));
  const tested = await trainee.infer(images, batch);
  trainee.dispose();
  const testLoss = Math.abs(meanLoss(tested, labels) / floats(file, "eval_loss3")[0] - 1);

  const noise = file.metadata.float32_noise ? metadataOf<Record<string, number>>(file, "float32_noise") : {};
  const factor = config.family === "vgg" ? OF_VGG : 1;
  const check = (name: string, [error, tensor]: Named, tolerance: number, noisy = 0, note = `worst ${tensor}`) =>
    quantity(
      `${engine.info.name} ${engine.info.backend}: ${name}`,
      error,
      Math.max(factor * tolerance, BEYOND_NOISE * noisy),
      note,
    );
  const { loss, forward, sd3_all, momentum3, eval_logits3 } = noise;
  return {
    kind: file.metadata.kind,
    quantities: [
      check("logits", [logits, ""], TOLERANCE.logits, forward, trainee.chosen.net.title(trainee.chosen.config)),
      check("losses of 3 steps", [Math.max(...losses), ""], TOLERANCE.loss, loss, "relative"),
      check(
        "gradients",
        worst(gradients),
        TOLERANCE.gradient,
        0,
        `${gradients.length} tensors, worst ${worst(gradients)[1]}`,
      ),
      check("gradients that are 0, of the largest", worst(zeros), TOLERANCE.zero, 0, `${zeros.length} tensors`),
      check("running statistics after a pass", worst(moved), TOLERANCE.weights, sd3_all),
      check("weights and statistics after 3 steps", worst(weights), TOLERANCE.weights, sd3_all),
      check("momentum after 3 steps", worst(momentum), TOLERANCE.momentum, momentum3),
      check(
        "logits in inference mode",
        [errorOfLargest(tested, floats(file, "eval_logits3")), ""],
        TOLERANCE.logits,
        eval_logits3,
        "",
      ),
      check("loss in inference mode", [testLoss, ""], TOLERANCE.logits, eval_logits3, "relative"),
    ],
  };
}
