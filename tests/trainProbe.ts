// Pre-trains and fine-tunes the model of the profile ci for nine steps, leaves its weights in a folder, and prints as JSON
// what both phases came to. Arguments: folder, threads.
import { join } from "node:path";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import { finetune, pretrain } from "../experiments/phases.ts";
import { VIT } from "../experiments/recipes/vit.ts";
import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import { RUNNERS } from "../training/phases/mod.ts";
import type { Outcome } from "../training/phases/runner.ts";
import { keeperOptions } from "./keeperTools.ts";
import { timeless } from "./runState.ts";
import { monitor } from "./trainingTools.ts";

const { ci } = VIT.profiles;
const SETTINGS = {
  ...ci,
  seed: 0,
  pretrain: { ...ci.pretrain, epochs: 3 },
  freeze: { ...ci.freeze, t0: 0.5 },
  finetune: { ...ci.finetune, epochs: 1, warmupEpochs: 0 },
};

if (import.meta.main) {
  const [folder, threads] = Deno.args, dataset = proceduralDataset({ seed: 0, train: 64, test: 24, size: 64 });
  const first = pretrain(SETTINGS, {}), ended: Outcome[] = [];
  for (const { kind, config } of [first, finetune(SETTINGS, first)]) {
    const runner = RUNNERS[kind],
      keeper = await PhaseKeeper.open(keeperOptions(join(folder, kind)), "2026-01-01T00:00:00Z");
    const engine = new CompiledEngine(Number(threads)), from = ended.at(-1)?.arena;
    const work = { engine, dataset, seed: 0, monitor: monitor(), keeper, ...(from && { from }) };
    ended.push(await runner.run(runner.config.parse(config), work));
  }
  console.log(`[${ended.map(timeless).join()}]`);
}
