import type { Examination } from "../examine.ts";
import type { ParsedLog } from "../model.ts";
import { comparisonText } from "./comparison.ts";
import { epochTable } from "./epochTable.ts";
import { factLines, plain } from "./layout.ts";
import { logFacts, recipeFacts } from "./summary.ts";

/**
 * A log for a terminal of 80 columns: what it is, how it compares with its recipe, its epochs.
 *
 * @param name the file, as it is shown
 * @param all whether every epoch has a line, instead of about twenty of them
 */
export function logText(name: string, log: ParsedLog, examined: Examination, all: boolean): string {
  const { compared } = examined;
  const facts = typeof compared === "string" ? [] : recipeFacts(compared.recipe);
  return [
    typeof compared === "string" ? `A training log: ${plain(name)}` : `${title(compared.recipe)}: ${plain(name)}`,
    ...factLines([...facts, ...logFacts(log)]),
    "",
    ...comparisonText(examined),
    "",
    ...epochTable(log, examined, all),
  ].join("\n");
}

function title({ program, kind }: { program: string; kind: "pretrain" | "finetune" }): string {
  return `${program} ${kind === "pretrain" ? "pre-training" : "fine-tuning"}`;
}
