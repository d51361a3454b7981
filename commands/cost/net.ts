import { numberFlag, type Parsed } from "../../cli/args.ts";
import {
  layerMultiplyAdds,
  type NetSaving,
  netSpans,
  predictSaving,
  stepWork,
  wholeWork,
} from "../../core/cost/convNet.ts";
import { UserError } from "../../core/errors.ts";
import type { ChosenNet } from "../../core/models/convnet/mod.ts";
import { describePower } from "../../core/schedules/describe.ts";
import type { FreezeOutSchedule } from "../../core/schedules/freezeOut.ts";
import { iterationsPerEpoch } from "../../training/batches.ts";
import { count, freezingOf } from "./flags.ts";
import { align, percent } from "../../cli/align.ts";

/** Flags that say something of a vision transformer's run only. */
const IDLE = ["warmup", "form", "device", "accumulation", "backward", "heads", "hog", "embed", "nodes", "network"];

/** A stretch of a run in which the same layers train. */
export interface NetStretch {
  firstLive: number;
  /** The first layer that trains. */
  layer: string;
  iterations: number;
  /** Multiply-adds of a step over those of one in which all layers train. */
  relative: number;
}

/** What the cost command says of a convolutional net's run. */
export interface NetReport {
  model: string;
  title: string;
  images: number;
  batch: number;
  schedule: FreezeOutSchedule;
  /** Multiply-adds of one image, forward, of each layer that has a t_i. */
  layers: { name: string; multiplyAdds: number }[];
  stretches: NetStretch[];
  saving: NetSaving;
}

/**
 * The predicted saving of FreezeOut on a convolutional net.
 *
 * @throws {UserError} on a value out of range, and on a flag that has no effect on a net
 */
export function netReport(values: Parsed["values"], { net, config }: ChosenNet): NetReport {
  const model = String(values.model), idle = IDLE.find((name) => values[name] !== undefined);
  if (idle) throw new UserError(`Cannot use --${idle} with --model ${model}: it has no effect on a net`);
  const images = count("images", values.images ?? "45000"), batch = count("batch", values.batch ?? "50");
  const perEpoch = iterationsPerEpoch(images, batch, 1), { length } = values;
  const schedule: FreezeOutSchedule = {
    layers: net.layers(config),
    ...freezingOf(values, ["power", "length"]),
    scaled: true,
    baseLr: 1,
    epochs: count("epochs", values.epochs),
    iterationsPerEpoch: perEpoch,
    lengthPerEpoch: length === undefined ? perEpoch : numberFlag("length", length, (n) => n > 0, "a number above 0"),
  };
  const names = net.layerNames(config), whole = wholeWork(stepWork(net, config, 0));
  return {
    model,
    title: net.title(config),
    images,
    batch,
    schedule,
    layers: layerMultiplyAdds(net, config).map((multiplyAdds, i) => ({ name: names[i], multiplyAdds })),
    stretches: netSpans(schedule).map(({ firstLive, iterations }) => ({
      firstLive,
      layer: names[firstLive] ?? "none",
      iterations,
      relative: wholeWork(stepWork(net, config, firstLive)) / whole,
    })),
    saving: predictSaving(net, config, schedule),
  };
}

/** A net's report as text: settings, what a step costs between two freezes, and what the run saves. */
export function netText({ title, images, batch, schedule, layers, stretches, saving }: NetReport): string {
  const { t0, power, epochs, iterationsPerEpoch, lengthPerEpoch } = schedule, total = epochs * iterationsPerEpoch;
  const forward = layers.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
  const counted = lengthPerEpoch === iterationsPerEpoch ? "" : `, counted as ${lengthPerEpoch}`;
  return [
    `${title}; ${t0 === 1 ? "no freezing" : `t0 = ${t0}, ${describePower(power)}`}; ${epochs} epochs`,
    `${images} images, batch ${batch}, ${total} steps, ${iterationsPerEpoch} an epoch${counted}`,
    `forward pass of an image: ${(forward / 1e6).toFixed(1)} million multiply-adds in ${layers.length} layers`,
    "",
    ...align([
      ["layers frozen", "first that trains", "steps", "of the run", "relative cost of a step"],
      ...stretches.map(({ firstLive, layer, iterations, relative }) => [
        String(firstLive),
        layer,
        String(iterations),
        percent(iterations / total),
        relative.toFixed(3),
      ]),
    ]),
    "",
    ...align([
      ["what freezing saves of the run", "share"],
      ["by multiply-adds", percent(saving.multiplyAdds)],
      ["backward as costly as forward (FreezeOut)", percent(saving.counted)],
      ["backward twice as costly", percent(saving.doubled)],
    ]),
  ].join("\n");
}
