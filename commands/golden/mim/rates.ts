import { lrFactor } from "../../../core/methods/lrFactor.ts";
import { decaysInFinetuning, layerDecayFactor, scaleLr } from "../../../core/optim/groups.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { cosineSchedule } from "../../../core/schedules/cosine.ts";
import { type Check, type Quantity, quantity } from "../check.ts";

/** Inputs and outputs of the fixture are rounded to float32. */
const TOLERANCE = 3e-7;
/** Of the second rate of the fixture's cosines. */
const FACTOR = 0.65;
/** Blocks of the models whose layers are listed. */
const DEPTH = 2;
/** Behind the prefixes of the models whose parameters are named as ours. */
const LISTED = ["layer_decay_vit_gap/", "layer_decay_simmim_vit/blocks."];

const far = (found: number, expected: number) => Math.abs(found - expected) / (Math.abs(expected) || 1);

/**
 * Checks rules of learning rates: DMJD's and the linear ones beside it, MAE's cosine with its layer-wise decay, factors and weight
 * decay of a classifier's parameters. Rules that the project has not (SimMIM's steps, warm-ups from above 0) are left out.
 *
 * @param file a fixture of kind "lr-rules"
 * @throws {Error} when a tensor is missing
 */
export function checkRates(file: SafetensorsFile): Promise<Check> {
  const floats = (key: string) => getTensor(file, key, Float32Array);
  return Promise.resolve({
    kind: file.metadata.kind,
    quantities: [...scales(floats), ...[0, 1, 2].map((k) => cosine(floats, `mae_cosine${k}`)), ...layers(file)],
  });
}

type Floats = (key: string) => { shape: number[]; data: Float32Array };

/** Rows: base rate, views of a process and pass, passes, processes, prediction and corruption rate; two views an image. */
function scales(floats: Floats): Quantity[] {
  const { shape: [count, width], data } = floats("dmjd/rows");
  const rules = { adaptive: "lr", unique: "lr_linear_on_unique", views: "lr_linear_on_views" } as const;
  return Object.entries(rules).map(([rule, key]) => {
    const expected = floats(`dmjd/${key}`).data;
    const errors = Array.from({ length: count }, (_, row) => {
      const [base, batch, passes, processes, predRatio, maskRatio] = data.subarray(row * width, (row + 1) * width);
      const factor = lrFactor({ lrRule: rule as keyof typeof rules, views: 2, predRatio, maskRatio });
      return far(scaleLr(base, batch * passes * processes) * factor, expected[row]);
    });
    return quantity(`dmjd/${key}, relative`, Math.max(...errors), TOLERANCE, `${count} rows`);
  });
}

/** Rates at shares of epochs: of a parameter with factor 1, and of one with the fixture's factor. */
function cosine(floats: Floats, name: string): Quantity {
  const [baseLr, minLr, warmupIterations, iterations] = floats(`${name}/cfg`).data;
  const rates = floats(`${name}/lr`), epochs = floats(`${name}/epoch`).data;
  const largest = rates.data.reduce((a, b) => Math.max(a, b));
  const errors = Array.from(epochs, (epoch, k) => {
    const lr = cosineSchedule({ baseLr, minLr, warmupIterations, iterations }, epoch);
    return Math.max(Math.abs(lr - rates.data[2 * k]), Math.abs(lr * FACTOR - rates.data[2 * k + 1])) / largest;
  });
  return quantity(`${name}, of the largest`, Math.max(...errors), TOLERANCE, `${epochs.length} epochs`);
}

function layers(file: SafetensorsFile): Quantity[] {
  const { decay: { ft_vit_gap: decay } } = JSON.parse(file.metadata.cfg) as { decay: { ft_vit_gap: number } };
  return LISTED.map((prefix) => {
    const listed = [...file.tensors.keys()].filter((key) => key.startsWith(prefix));
    const errors = listed.map((key) => {
      const name = key.slice(key.indexOf("/") + 1),
        { data: [factor, weightDecay] } = getTensor(file, key, Float32Array);
      const own = far(layerDecayFactor(name, DEPTH, decay), factor);
      if (weightDecay === undefined) return own;
      const matrix = /weight$/.test(name) && !/norm/.test(name);
      const decays = decaysInFinetuning({
        name,
        shape: matrix ? [1, 1] : /token|pos_embed/.test(name) ? [1, 1, 1] : [1],
      });
      return decays === weightDecay > 0 ? own : Infinity;
    });
    return quantity(`${prefix}…: factors and decay`, Math.max(...errors), TOLERANCE, `${listed.length} parameters`);
  });
}
