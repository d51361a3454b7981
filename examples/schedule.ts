// When does each layer of ViT-B freeze, at which rate does it start, and how fast does it learn half-way?
//
//   deno run examples/schedule.ts [t0]
//
// Under a second; no permission.

import { checkSchedule, freezeState, layerPlan } from "@vitfreeze/vitfreeze/schedules";

const schedule = checkSchedule({
  layers: 13,
  stageBlocks: [2, 4, 10, 12],
  t0: Number(Deno.args[0] ?? 0.8),
  power: 3,
  scaled: true,
  baseLr: 1.6e-3,
  minLr: 1e-6,
  epochs: 100,
  warmupEpochs: 10,
  iterationsPerEpoch: 625,
  form: "code",
  decoders: "block",
  clsToken: "layer0",
});
const { layers, stages } = layerPlan(schedule), { layerLr } = freezeState(schedule, 50 * schedule.iterationsPerEpoch);

console.log("layer            freezes   first rate   rate at epoch 50");
for (const { layer, name, freezeEpoch, factor } of layers) {
  const freezes = freezeEpoch === null ? "never" : freezeEpoch.toFixed(2);
  const first = (schedule.baseLr * factor).toExponential(2), half = layerLr[layer].toExponential(2);
  console.log(`${name.padEnd(15)}${freezes.padStart(9)}${first.padStart(13)}${half.padStart(19)}`);
}
const dropped = stages.filter(({ endEpoch }) => endEpoch !== null);
for (const { block, endEpoch } of dropped) {
  console.log(`decoder after block ${block} is dropped at ${endEpoch!.toFixed(2)}`);
}
