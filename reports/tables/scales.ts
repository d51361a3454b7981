import { type Block, groupRuns, type LinkedResult } from "../judging/blocks.ts";
import { scaleFacts } from "../judging/scale.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { sha256 } from "../../core/sha256.ts";
import type { LedgerEntry } from "../../records/ledger.ts";

/** The row that does not freeze. */
const baseline = "localmim";

/** Runs that may be compared, with the runs that are missing from them. */
export interface Scale {
  /** Letters, digits and dashes; the profile, and a part of a hash where a profile has several scales. */
  id: string;
  profile: string;
  /** Whether anything was run; else every run of it is missing. */
  block: Block | null;
  missing: LedgerEntry[];
  facts: string[];
}

/**
 * The scales at which something was run, the one with the most computation first. A missing run is named in every scale
 * of its profile, since the file that would tell which is gone.
 *
 * @param missing ledger entries without a file
 * @throws {UserError} when one row of a scale was run with two configurations
 */
export function scalesOf(results: LinkedResult[], missing: LedgerEntry[]): Scale[] {
  const blocks = groupRuns(results, baseline);
  const present = new Set(blocks.map(({ profile }) => profile));
  const gone = [...new Set(missing.map(({ profile }) => profile))].filter((profile) => !present.has(profile)).sort();
  const ofProfile = (profile: string) => missing.filter((entry) => entry.profile === profile);
  const largestFirst = blocks.toSorted((a, b) => computation(b) - computation(a) || (label(a) < label(b) ? -1 : 1));
  return [
    ...largestFirst.map((block) => ({
      id: scaleId(block, blocks),
      profile: block.profile,
      block,
      missing: ofProfile(block.profile),
      facts: [...scaleFacts(block, blocks), ...missingFacts(ofProfile(block.profile))],
    })),
    ...gone.map((profile) => ({
      id: slug(profile),
      profile,
      block: null,
      missing: ofProfile(profile),
      facts: missingFacts(ofProfile(profile)),
    })),
  ];
}

function missingFacts(missing: LedgerEntry[]): string[] {
  return missing.map(({ id, row, seed }) => `Missing: the result file of ${row}, seed ${seed} (${id.slice(0, 8)})`);
}

/** Parameters times images seen in pre-training: what orders scales. */
function computation({ runs }: Block): number {
  return Math.max(
    ...runs.map(({ result: { pretrain } }) => pretrain.params * pretrain.iterations * pretrain.imagesPerIteration),
  );
}

function scaleId(block: Block, blocks: Block[]): string {
  const alone = blocks.filter(({ profile }) => slug(profile) === slug(block.profile)).length === 1;
  return alone ? slug(block.profile) : `${slug(block.profile)}-${label(block).slice(0, 8)}`;
}

function label(block: Block): string {
  return sha256(canonicalJson(block.settings));
}

function slug(profile: string): string {
  return profile.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "scale";
}
