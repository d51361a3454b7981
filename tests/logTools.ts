import { examine } from "../reports/logs/examine.ts";
import type { FormVerdict } from "../reports/logs/judgeForms.ts";
import type { LogRun, ParsedLog } from "../reports/logs/model.ts";
import { parseLog } from "../reports/logs/readLog.ts";
import { readRecipe, type Recipe } from "../reports/logs/recipe.ts";
import { chunked } from "./madeUpLog.ts";

/** The recipe that a log's arguments tell; a test fails where they tell none. */
export function recipeOf(args: LogRun["args"]): Recipe {
  const recipe = readRecipe(args!);
  if (typeof recipe === "string") throw new Error(recipe);
  return recipe;
}

/** Which forms of the schedule a run fits. */
export function formsOf(run: LogRun): FormVerdict[] {
  const { compared } = examine(run);
  if (typeof compared === "string") throw new Error(compared);
  return compared.forms;
}

/** A log read from its text, in chunks of so many bytes. */
export async function parsed(text: string, size?: number): Promise<ParsedLog> {
  return await parseLog(chunked(text, size));
}

/** The epochs of a log. */
export const numbers = ({ run }: ParsedLog) => run.epochs.map(({ epoch }) => epoch);
