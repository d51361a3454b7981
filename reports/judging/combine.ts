import { FAULTS, type Outcome, type Verdict } from "../vocabulary.ts";
import type { Judgement } from "./verdicts.ts";

/** Verdicts from the one that decides most to the one that decides least. */
const precedence: readonly Verdict[] = [
  ...FAULTS,
  "not reproduced",
  "other here",
  "fails by computation",
  "fails in the logs",
  "missing",
  "not run",
  "refused",
  "not run at this scale",
  "another method",
  "inconclusive",
  "undecided here",
  "reproduced",
  "same here",
  "holds by computation",
  "holds in the logs",
  "holds in print",
  "not claimed",
  "not checkable",
];

/**
 * The judgement of a claim that rests on checks: as good as the weakest of them. Checks about the print alone and checks
 * that nothing can be said about count only when there are no others.
 *
 * @param checks the judgements of its checks at one scale, by id, at least one
 */
export function combine(checks: { id: string; judgement: Judgement }[]): Judgement {
  const verdict = precedence.find((verdict) => checks.some(({ judgement }) => judgement.verdict === verdict))!;
  const deciding = checks.filter(({ judgement }) => judgement.verdict === verdict);
  const shown = checks.filter(({ judgement }) => judgement.text !== "");
  return {
    verdict,
    text: shown.map(({ id, judgement }) => `${id}: ${judgement.text}`).join("; "),
    reason: deciding.map(({ id, judgement }) => `${id}: ${judgement.reason}`).join("; "),
    ...(deciding.every(({ judgement }) => judgement.weak) && { weak: true as const }),
  };
}

/** The outcome on the author's logs of a claim that rests on checks: fails when one fails, holds when one holds. */
export function combineAuthors(
  checks: { id: string; authors: { outcome: Outcome | "no log"; text: string } }[],
): { outcome: Outcome | "no log"; text: string } {
  const order = ["fails", "holds", "no log", "not checkable"] as const;
  const outcome = order.find((outcome) => checks.some(({ authors }) => authors.outcome === outcome)) ?? "not checkable";
  const shown = checks.filter(({ authors }) => authors.text !== "");
  return { outcome, text: shown.map(({ id, authors }) => `${id}: ${authors.text}`).join("; ") };
}
