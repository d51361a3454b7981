// When does each layer of ViT-B freeze in 100 epochs, and how fast does it learn until then? Needs no permission.
//
//   deno run examples/schedule.ts

import { checkSchedule, layerPlan } from "@vitfreeze/vitfreeze/schedules";

const schedule = checkSchedule({
  layers: 13,
  stageBlocks: [2, 4, 10, 12],
  t0: 0.8,
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
layerPlan(schedule).layers.forEach(({ freezeEpoch, factor }, layer) => {
  console.log(`layer ${layer}: freezes at ${freezeEpoch?.toFixed(1) ?? "the end"}, rate x ${factor.toFixed(4)}`);
});
