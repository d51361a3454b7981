// A new experiment in one file: does it matter when the first layer freezes? Trains one model for each t0 and compares the
// last losses.
//
//   deno run --allow-read --allow-ffi --allow-env --allow-sys examples/experiment.ts EPOCHS

import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
import { layerPlan } from "@vitfreeze/vitfreeze/schedules";
import { pretrain } from "@vitfreeze/vitfreeze/train";

const [epochs] = Deno.args;
const data = proceduralDataset({ seed: 0, train: 32, test: 8, size: 32 });
for (const t0 of [0.5, 0.8, 1]) {
  const { schedule, epochs: ran } = await pretrain({
    data,
    recipe: "laptop",
    model: { imageSize: 32 },
    freeze: t0 === 1 ? null : { t0 },
    epochs: Number(epochs),
    batch: 8,
  });
  const freezes = layerPlan(schedule).layers[0].freezeEpoch?.toFixed(2) ?? "never";
  console.log(`t0 ${t0}: layer 0 freezes at ${freezes}, last loss ${ran.at(-1)!.losses.loss!.toFixed(3)}`);
}
