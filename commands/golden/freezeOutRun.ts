import type { Engine } from "../../core/engine/engine.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, type Quantity, quantity } from "./check.ts";
import { doubles, engines, fact, floats, ints, loaded, netOf, relative } from "./convnet.ts";
import { cropped, whole } from "./freezeOutImages.ts";
import { scheduleOf, type Variant } from "./freezeOutSchedule.ts";
import { finalQuantities, FrozenWatch, inferred, TOLERANCE, trainRun } from "./freezeOutTraining.ts";

async function checkVariant(
  engine: Engine,
  file: SafetensorsFile,
  name: string,
  variant: Variant,
): Promise<Quantity[]> {
  const chosen = netOf(variant), layers = chosen.net.layerNames(chosen.config).length;
  const training = {
    engine,
    chosen,
    arena: loaded(file, chosen, "sd0"),
    schedule: scheduleOf(variant, name, layers),
    variant,
  };
  const { shape: [iterations, width] } = ints(file, "batch_idx"), watch = new FrozenWatch(training);
  const batches = Array.from({ length: iterations }, (_, j) => cropped(file, j, width));
  const { losses, firstLogits } = await trainRun(training, batches, (j) => Promise.resolve(watch.look(j)));
  const expected = doubles(file, `${name}/loss`), pool = ints(file, "pool_labels").data.length;
  const logits = await inferred(training, whole(file, "pool", 0, pool));
  const named = (what: string) => `${engine.info.name}: ${name}: ${what}`;
  return [
    quantity(
      named("logits of the first iteration"),
      relative(firstLogits, floats(file, "logits_it0")),
      TOLERANCE.logits,
    ),
    quantity(named("losses"), Math.max(...losses.map((loss, j) => Math.abs(loss / expected[j] - 1))), TOLERANCE.loss),
    ...finalQuantities(file, training, name, watch.moved).map((found) => ({
      ...found,
      name: `${engine.info.name}: ${found.name}`,
    })),
    quantity(
      named("logits in inference mode at the end"),
      relative(logits, floats(file, `${name}/eval_logits_final`)),
      TOLERANCE.logits,
      `${watch.frozen} tensors froze`,
    ),
  ];
}

/**
 * Checks a short training in which layers freeze against FreezeOut's code, on both engines.
 *
 * @param file a fixture of kind "freezeout-run-…"
 */
export async function checkFreezeOutRun(file: SafetensorsFile): Promise<Check> {
  const quantities: Quantity[] = [];
  for (const engine of await engines()) {
    for (const [name, variant] of Object.entries(fact<Record<string, Variant>>(file, "variants"))) {
      quantities.push(...await checkVariant(engine, file, name, variant));
    }
  }
  return { kind: file.metadata.kind, quantities };
}
