import type { Phase } from "../../records/phase.ts";
import type { TrainConfig } from "../../training/config.ts";
import type { Control, Run } from "../experiment.ts";
import type { CifarSettings } from "./cifarSettings.ts";

/** The optimisers of the chapter: SGD* is SGD with AdamW's rate and weight decay. */
export const OPTIMIZERS = { sgd: "SGD", sgdstar: "SGD*", adamw: "AdamW" } as const;
export type OptimizerName = keyof typeof OPTIMIZERS;

/** FreezeOut's three settings by the end of a row's name. */
const FREEZING = {
  nofo: ["no FreezeOut", null],
  fo_scaled: ["FreezeOut", { scaled: true }],
  fo_unscaled: ["FreezeOut, rates not scaled", { scaled: false }],
} as const;
type FreezingName = keyof typeof FREEZING;

const SGD: TrainConfig["optimizer"] = { kind: "sgd", momentum: 0.9, nesterov: true };
const ADAMW: TrainConfig["optimizer"] = { kind: "adamw", betas: [0.9, 0.999], eps: 1e-8 };

function phaseOf(
  settings: CifarSettings,
  optimizer: OptimizerName,
  freezing: { scaled: boolean } | null,
  weightDecay?: number,
): Phase<"train"> {
  const { seed, data, net, train, sgd, rates, length, releasedLength, freeze } = settings;
  const own = { sgd, sgdstar: settings.sgdStar, adamw: settings.adamw }[optimizer];
  const config: TrainConfig = {
    ...train,
    net,
    optimizer: optimizer === "adamw" ? ADAMW : SGD,
    lr: rates === "built-in" ? sgd.lr : own.lr,
    weightDecay: weightDecay ?? own.weightDecay,
    epochLength: length === "released" ? releasedLength : null,
    freeze: freezing && freeze.t0 < 1 ? { ...freeze, ...freezing } : null,
  };
  return { kind: "train", seed, data, config };
}

/** One of the nine runs: an optimiser, with or without FreezeOut. */
export function cifarRun(settings: CifarSettings, optimizer: OptimizerName, freezing: FreezingName): Run {
  const [label, options] = FREEZING[freezing];
  return { label: `${OPTIMIZERS[optimizer]}, ${label}`, phases: [phaseOf(settings, optimizer, options)] };
}

/** The three runs of an optimiser, by the rows of its table. */
export function runsOf(settings: CifarSettings, optimizer: OptimizerName): Record<FreezingName, Run> {
  const names = Object.keys(FREEZING) as FreezingName[];
  return Object.fromEntries(names.map((name) => [name, cifarRun(settings, optimizer, name)])) as Record<
    FreezingName,
    Run
  >;
}

/** AdamW without FreezeOut at a weight decay. */
export function decayRun(settings: CifarSettings, weightDecay: number): Run {
  return {
    label: `AdamW, weight decay ${weightDecay}`,
    phases: [phaseOf({ ...settings }, "adamw", null, weightDecay)],
  };
}

/** The same runs as the released code would have made them: at its built-in rate, and over its built-in length. */
export function releasedControls(
  settings: CifarSettings,
  runs: (settings: CifarSettings) => Record<string, Run>,
): Record<string, Control> {
  const content = ({ phases }: Run) => JSON.stringify(phases);
  const known = new Set(Object.values(runs({ ...settings, rates: "printed", length: "true" })).map(content));
  const variants: [string, string, Partial<CifarSettings>][] = [
    ["builtin", "built-in rate", { rates: "built-in", length: "true" }],
    ["released", "released length", { rates: "printed", length: "released" }],
    ["asreleased", "built-in rate, released length", { rates: "built-in", length: "released" }],
  ];
  return Object.fromEntries(variants.flatMap(([ending, words, change]) => {
    const all = Object.entries(runs({ ...settings, ...change })).filter(([, run]) => !known.has(content(run)));
    all.forEach(([, run]) => known.add(content(run)));
    return all.map(([row, { label, phases }]): [string, Control] => [
      `${row}_${ending}`,
      { label: `${label}, ${words}`, phases, like: row },
    ]);
  }));
}
