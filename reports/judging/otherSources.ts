import { fixed, listedRows } from "../format.ts";
import type { DecoderShare } from "../logs/decoderShare.ts";
import type { Outcome } from "../vocabulary.ts";
import type { Claim } from "../sources/claims.ts";
import type { ClaimSources } from "../sources/claimSets.ts";
import { contrastsOf } from "./contrasts.ts";
import type { Observation } from "./observations.ts";
import { holdsOnAverage } from "./states.ts";
import { isReadClaim } from "./verdicts.ts";

/** How a claim fares on the published numbers, and what is to be said about it. */
export function judgePrint({ outcome, remark, rule }: Claim): { outcome: Outcome; text: string } {
  const why = (rule.kind === "unchecked" || rule.kind === "logged") && remark === "" ? rule.why : "";
  return { outcome, text: why || withoutVerdict(remark) };
}

/**
 * How a claim fares on the author's logs, by their means: as far as they go, when some rows have no log.
 *
 * @param logs all that the logs say about the claim's table; undefined when there is no log
 */
export async function judgeAuthors(
  claim: Claim,
  logs: Observation | undefined,
  { works }: Pick<ClaimSources, "works">,
): Promise<{ outcome: Outcome | "no log"; text: string }> {
  if (!isReadClaim(claim)) return { outcome: "not checkable", text: "" };
  if (!logs) return { outcome: "no log", text: "" };
  const { contrasts, text, missingLabels } = await contrastsOf(claim, [[logs]], works, true);
  const without = missingLabels.length > 0 ? `no log of ${listedRows(missingLabels)}` : "";
  const seen = contrasts.filter(({ values }) => values.length > 0);
  if (seen.length === 0) return { outcome: "no log", text: without };
  return { outcome: seen.every(holdsOnAverage) ? "holds" : "fails", text: [text, without].filter(Boolean).join("; ") };
}

/** A remark without the word that the outcome says already. */
function withoutVerdict(remark: string): string {
  return remark.replace(/^Fails( narrowly)?[:;]? /, "").replace(/\.$/, "");
}

/** How the claim that dropping decoders saves time fares on the author's log: epochs get shorter by more where one is dropped. */
export function judgeDecoders(found: DecoderShare | undefined): { outcome: Outcome | "no log"; text: string } {
  if (found === undefined) return { outcome: "no log", text: "" };
  const { part, withDrop, without } = found, points = (share: number) => `${fixed(100 * share, 1)} %`;
  const text =
    `${fixed(100 * part, 0)} % of what freezing saves comes where a decoder is dropped: there an epoch gets ` +
    `shorter by ${points(withDrop)}, at other layers by ${points(without)}`;
  return { outcome: withDrop > without ? "holds" : "fails", text };
}
