import type { Answer } from "../answer.ts";
import { escaped, mdTable } from "./syntax.ts";

/** The first questions with the answers of print, logs and our runs, as a table. */
export function answersTable(answers: Answer[]): string {
  const rows = answers.map(({ question, print, logs, ours }) => [
    `**${escaped(question)}**`,
    ...[print, logs, ours.text].map(escaped),
  ]);
  return mdTable(["", "In print", "Author's logs", "Our runs"], rows);
}
