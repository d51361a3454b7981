import type { Examination } from "./examine.ts";
import type { ParsedLog } from "./model.ts";

/**
 * All that was read and found, as one object for JSON, but for the single progress lines. A number that is not finite
 * becomes null there; `run.nonFinite` names the epochs.
 */
export function logJson(file: string, { run, ...log }: ParsedLog, { drops, compared }: Examination) {
  const { series: _, epochs, ...facts } = run;
  const found = typeof compared === "string" ? null : compared;
  return {
    file,
    ...log,
    run: { ...facts, epochs: epochs.map((epoch, k) => ({ ...epoch, scheduledLr: found?.lr.predicted[k] ?? null })) },
    drops,
    recipe: found?.recipe ?? null,
    comparison: found && { lr: { largest: found.lr.largest, matches: found.lr.matches }, forms: found.forms },
    noComparison: typeof compared === "string" ? compared : null,
  };
}
