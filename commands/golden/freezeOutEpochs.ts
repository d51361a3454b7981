import type { Engine } from "../../core/engine/engine.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, largestError, type Quantity, quantity } from "./check.ts";
import { doubles, engines, fact, floats, ints, loaded, netOf, worst } from "./convnet.ts";
import { cropped, whole } from "./freezeOutImages.ts";
import { scheduleOf, type Variant } from "./freezeOutSchedule.ts";
import { finalQuantities, FrozenWatch, inferred, TOLERANCE, trainRun } from "./freezeOutTraining.ts";

/** Absolute, of running statistics behind each epoch. */
const STATISTICS = 5e-5;

interface EpochVariant extends Variant {
  /** Iterations that an epoch has. */
  its: number;
  /** Images of a validation batch. */
  eval_batch: number;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const relativeTo = (expected: number) => (actual: number) => Math.abs(actual / expected - 1);

/** Cross-entropy of a row of logits, and the class that it puts first. */
function read(row: Float32Array, label: number): { loss: number; wrong: boolean } {
  const most = Math.max(...row), sum = row.reduce((total, value) => total + Math.exp(value - most), 0);
  return { loss: most + Math.log(sum) - row[label], wrong: row.indexOf(most) !== label };
}

async function checkVariant(
  engine: Engine,
  file: SafetensorsFile,
  name: string,
  variant: EpochVariant,
): Promise<Quantity[]> {
  const chosen = netOf(variant), { net, config } = chosen, layers = net.layerNames(config).length, { its } = variant;
  const training = {
    engine,
    chosen,
    arena: loaded(file, chosen, "sd0"),
    schedule: scheduleOf(variant, name, layers),
    variant,
  };
  const sizes = ints(file, "batch_size").data, watch = new FrozenWatch(training);
  const images = ints(file, "val_labels").data.length, errors: number[] = [], statistics: number[] = [];
  const losses: number[] = [];
  const { losses: trained } = await trainRun(
    training,
    Array.from(sizes, (size, j) => cropped(file, j, size)),
    async (j) => {
      watch.look(j);
      if ((j + 1) % its) return;
      const epoch = (j + 1) / its - 1, batchMeans: number[] = [];
      let wrong = 0;
      for (let from = 0; from < images; from += variant.eval_batch) {
        const batch = whole(file, "val", from, Math.min(images, from + variant.eval_batch));
        const logits = await inferred(training, batch);
        const rows = batch.labels.map((label, b) =>
          read(logits.subarray(b * config.numClasses, (b + 1) * config.numClasses), label)
        );
        batchMeans.push(mean(rows.map(({ loss }) => loss)));
        wrong += rows.filter((row) => row.wrong).length;
      }
      losses.push(relativeTo(doubles(file, `${name}/val_loss`)[epoch])(mean(batchMeans)));
      errors.push(Math.abs(100 * wrong / images - doubles(file, `${name}/val_err`)[epoch]));
      const [error] = worst(
        net.statistics(config).flatMap(({ name: norm }) =>
          ["running_mean", "running_var"].map((which) =>
            [
              largestError(
                training.arena.view(`${norm}.${which}`),
                floats(file, `${name}/bn_epoch${epoch}/${norm}.${which}`),
              ),
              norm,
            ] as const
          )
        ),
      );
      statistics.push(error);
    },
  );
  const expected = doubles(file, `${name}/loss`), epochs = sizes.length / its;
  const epochLosses = Array.from({ length: epochs }, (_, epoch) => mean(trained.slice(epoch * its, (epoch + 1) * its)));
  const logged = doubles(file, `${name}/train_loss`);
  const named = (found: Quantity) => ({ ...found, name: `${engine.info.name}: ${name}: ${found.name}` });
  return [
    quantity("losses", Math.max(...trained.map((loss, j) => relativeTo(expected[j])(loss))), TOLERANCE.loss),
    quantity(
      "training losses of epochs",
      Math.max(...epochLosses.map((loss, e) => relativeTo(logged[e])(loss))),
      TOLERANCE.loss,
    ),
    quantity("validation losses, means of batch means", Math.max(...losses), TOLERANCE.loss),
    quantity("validation errors, points", Math.max(...errors), 1e-9), // the same division
    quantity(
      "running statistics after each epoch",
      Math.max(...statistics),
      STATISTICS,
      `${watch.frozen} tensors froze`,
    ),
  ].map(named).concat(
    finalQuantities(file, training, name, watch.moved).map((q) => ({ ...q, name: `${engine.info.name}: ${q.name}` })),
  );
}

/**
 * Checks a training in epochs, with validation after each, against FreezeOut's code, on both engines.
 *
 * @param file a fixture of kind "freezeout-run-wrn-epochs"
 */
export async function checkFreezeOutEpochs(file: SafetensorsFile): Promise<Check> {
  const quantities: Quantity[] = [];
  for (const engine of await engines()) {
    for (const [name, variant] of Object.entries(fact<Record<string, EpochVariant>>(file, "variants"))) {
      quantities.push(...await checkVariant(engine, file, name, variant));
    }
  }
  return { kind: file.metadata.kind, quantities };
}
