import { compareLr, type LrComparison } from "./compareLr.ts";
import { type FormVerdict, judgeForms } from "./judgeForms.ts";
import type { LogRun } from "./model.ts";
import { readRecipe, type Recipe } from "./recipe.ts";
import { lossStretches, type RunDrops, runDrops } from "./runDrops.ts";

/** What a run's log shows beside what its recipe announces. */
export interface Examination {
  drops: RunDrops;
  /** The comparison with the recipe, or in one sentence why there is none. */
  compared: { recipe: Recipe; lr: LrComparison; forms: FormVerdict[] } | string;
}

/** Finds the drops of a run and compares it with the recipe that it states. */
export function examine(run: LogRun): Examination {
  const drops = runDrops(run);
  const recipe = run.args ? readRecipe(run.args) : "the log states no recipe";
  if (typeof recipe === "string") return { drops, compared: recipe };
  return {
    drops,
    compared: { recipe, lr: compareLr(run, recipe), forms: judgeForms(recipe, drops.loss, lossStretches(run)) },
  };
}
