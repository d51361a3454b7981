import { DEVICES } from "../../core/cost/devices.ts";
import { relativeTimes } from "../../core/cost/runCost.ts";
import { RELEASED_CHOICES } from "../../core/cost/stepCost.ts";
import { UserError } from "../../core/errors.ts";
import { LOCALMIM_VIT_B } from "../../core/methods/localmim/config.ts";
import { describePower } from "../../core/schedules/describe.ts";
import { epochTimeByFrozenLayers } from "../../reports/logs/epochTimes.ts";
import type { ParsedLog } from "../../reports/logs/model.ts";
import { readRecipe, recipeSchedule } from "../../reports/logs/recipe.ts";
import { align, percent } from "../../cli/align.ts";
import { listText } from "./text.ts";

/** Blocks of the model whose steps the cost model knows as a graphics card takes them. */
const KNOWN_BLOCKS = LOCALMIM_VIT_B.depth;

/**
 * What freezing saved in a run of PyTorch, by its log, and which backward pass that looks like.
 *
 * @param columns of a line of text
 * @throws {UserError} when the log states no freezing, or no times
 */
export function logWhy(name: string, { run }: ParsedLog, columns: number): string {
  const recipe = run.args ? readRecipe(run.args) : "it states no arguments";
  if (typeof recipe === "string") {
    throw new UserError(`Cannot tell of ${name}: ${recipe}, want a log that begins with them`);
  }
  const schedule = recipeSchedule(recipe, 1, "code"), { freezing } = recipe;
  if (!schedule || !freezing) {
    throw new UserError(`Cannot tell of ${name}: nothing freezes in it, want a run with t_0 below 1`);
  }
  const seconds = run.epochs.map(({ stepSeconds, wallSeconds }) => stepSeconds ?? wallSeconds);
  if (seconds.some((each) => each === null)) throw new UserError(`Cannot tell of ${name}: it tells no times of epochs`);
  const times = epochTimeByFrozenLayers({ seconds: seconds as number[] }, schedule).filter(({ relative }) =>
    relative !== null
  );
  if (times.length === 0) {
    throw new UserError(
      `Cannot tell of ${name}: it has no whole epoch before the first freeze, want the log from its begin`,
    );
  }
  const isKnown = recipe.blocks === KNOWN_BLOCKS && recipe.model.includes("base") && recipe.kind === "pretrain";
  const options = { ...RELEASED_CHOICES, batch: recipe.batch, accumulation: recipe.accumulated };
  const model = (backward: "cut" | "live") => relativeTimes(LOCALMIM_VIT_B, { ...options, backward }, DEVICES.v100);
  const [live, cut] = [model("live"), model("cut")];
  const shift = freezing.patchEmbed ? 0 : 1;
  const rows = times.map(({ frozen, epochs, seconds, relative }) => [
    String(frozen),
    String(epochs.length),
    seconds.toFixed(1),
    relative!.toFixed(3),
    ...(isKnown ? [live[frozen + shift].toFixed(3), cut[frozen + shift].toFixed(3)] : []),
  ]);
  const head = [
    "frozen layers",
    "epochs",
    "seconds of each",
    "over unfrozen ones",
    ...(isKnown ? ["model: live", "model: cut"] : []),
  ];
  const last = times.at(-1),
    off = (wanted: number[]) => {
      const all = times.filter(({ frozen }) => frozen > 0).map(({ frozen, relative }) =>
        Math.abs(relative! - wanted[frozen + shift])
      );
      return all.reduce((sum, each) => sum + each, 0) / all.length;
    };
  const reasons = () => {
    const [near, far] = [off(live), off(cut)].map((distance) => distance.toFixed(3)), { frozen, relative } = last!;
    return [
      off(live) < off(cut)
        ? `Its epochs are as long as if the backward pass ran through all frozen blocks (on average ${near} off that, ${far} off ` +
          "a pass that ends at the first live layer): something below them wants a gradient, in the released code the class " +
          "token, which never freezes. The card's rates are those of the released log on one V100."
        : `Its epochs are as long as if the backward pass ended at the first live layer (on average ${far} off that, ${near} off ` +
          "a pass through all blocks).",
      `With ${frozen} frozen layers an epoch took ${relative!.toFixed(3)} of an unfrozen one; by the model it takes ${
        live[frozen + shift].toFixed(3)
      } with a pass through frozen blocks, ${cut[frozen + shift].toFixed(3)} with one that is cut.`,
    ];
  };
  const whole = seconds.reduce((sum: number, each) => sum + each!, 0), [unfrozen] = times;
  return [
    `${name}: ${recipe.program}, ${recipe.model}; t0 = ${freezing.t0}, ${describePower(freezing.power)}, ${
      freezing.scaled ? "scaled" : "unscaled"
    }`,
    "",
    `Saved ${
      percent(1 - whole / (unfrozen.seconds * seconds.length))
    } of its time, by its own epochs before the first freeze.`,
    "",
    ...align([head, ...rows]),
    ...(isKnown && last && last.frozen > 0
      ? [
        "",
        "Why not more",
        ...listText(reasons(), columns),
      ]
      : []),
  ].join("\n");
}
