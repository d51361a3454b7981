// A new experiment: does it matter how early the first layer freezes? Three runs, each pre-trained and fine-tuned.
//
//   deno run --allow-read --allow-write --allow-env --allow-ffi --allow-sys examples/experiment.ts [--set KEY=VALUE]…
//
// About a minute on 2 cores at profile ci. Stopped and started again it goes on; records end up in runs/example/results.

import { type Declaration, runExperiment, vitRun } from "@vitfreeze/vitfreeze/experiments";
import { top1, totalHours } from "@vitfreeze/vitfreeze/report";
import { parseArgs } from "node:util";

const { set } = parseArgs({ options: { set: { type: "string", multiple: true, default: [] } } }).values;

const experiment: Declaration = {
  id: "example.t0",
  question: "Does it matter how early the first layer freezes?",
  runs: (settings) => ({
    localmim: vitRun("nothing freezes", settings, null),
    late: vitRun("t0 = 0.8", settings, { t0: 0.8 }),
    early: vitRun("t0 = 0.5", settings, { t0: 0.5 }),
  }),
};

const runs = await runExperiment(experiment, {
  profile: "ci",
  set,
  folder: "runs/example",
  out: "runs/example/results",
  onStep: ({ phase, done, total }) => done === total && console.error(`${phase}: ${total} steps`),
});
for (const { label, records: [pretrained, finetuned] } of runs) {
  const frozen = pretrained.events.filter(({ kind }) => kind === "freeze").length;
  const seconds = 3600 * totalHours.read(pretrained, pretrained.epochs.length)!;
  const accuracy = top1.read(finetuned, finetuned.epochs.length)!;
  console.log(`${label.padEnd(16)} ${frozen} layers frozen  ${seconds.toFixed(1)} s  top-1 ${accuracy.toFixed(1)} %`);
}
