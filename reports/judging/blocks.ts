import { UserError } from "../../core/errors.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { ranksShape } from "../../records/ranksShape.ts";
import type { RunResult } from "../../records/schema.ts";

/** A run with its identity and where a report links to it. */
export interface LinkedResult {
  id: string;
  /** Address of the result file, relative to the report. */
  href: string;
  result: RunResult;
}

/** Runs that may be compared: same profile, data, code, engine, machine, ranks and configuration but for the row's own keys. */
export interface Block {
  profile: string;
  /** What the runs have in common. */
  settings: Settings;
  runs: LinkedResult[];
}

/** Keys of the configuration, at any depth, by which the rows that freeze may differ from one another. */
const rowKeys = ["row", "label", "seed", "scaled", "srLr"];
/** Keys by which, besides, the rows that freeze differ from the baseline, which has t0 = 1. */
const freezingKeys = ["t0", "power", "lrLr"];

/**
 * Sorts runs into blocks that may be compared. The baseline's runs join every block that differs from theirs in the
 * freezing alone. The order of the runs given does not matter.
 *
 * @param baseline the row that does not freeze
 * @throws {UserError} when one row of a block was run with two configurations
 */
export function groupRuns(runs: LinkedResult[], baseline: RunResult["row"]): Block[] {
  const shared = groupBy(runs, ({ result }) => blockKey(result, [...rowKeys, ...freezingKeys]));
  return shared.flatMap((group) => {
    const plain = group.filter(({ result }) => result.row === baseline);
    const freezing = group.filter(({ result }) => result.row !== baseline);
    const blocks = groupBy(freezing, ({ result }) => blockKey(result, rowKeys));
    return (blocks.length > 0 ? blocks : [[]]).map((runs) => checkedBlock([...runs, ...plain]));
  });
}

type Settings = ReturnType<typeof settings>;

function settings(result: RunResult, without: string[]) {
  const { experiment, profile, hashes, engine, machine, config } = result, ranks = ranksShape(result);
  return { profile, experiment, hashes, engine, machine, ranks, config: strip(config, without) };
}

function blockKey(result: RunResult, without: string[]): string {
  return canonicalJson(settings(result, without));
}

/** A JSON value without the members of the given names, at any depth. */
function strip(value: unknown, names: string[]): unknown {
  if (Array.isArray(value)) return value.map((member) => strip(member, names));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !names.includes(key));
  return Object.fromEntries(kept.map(([key, member]) => [key, strip(member, names)]));
}

function checkedBlock(runs: LinkedResult[]): Block {
  for (const ofRow of groupBy(runs, ({ result }) => result.row)) {
    const [first, second] = groupBy(ofRow, ({ result }) => canonicalJson(strip(result.config, ["seed"])));
    if (second === undefined) continue;
    throw new UserError(
      `Cannot report row ${first[0].result.row} of profile ${first[0].result.profile}: ` +
        `${first[0].id}.json and ${second[0].id}.json differ in its settings, want them in separate folders`,
    );
  }
  const sorted = runs.toSorted((a, b) => a.result.seed - b.result.seed || (a.id < b.id ? -1 : 1));
  return { profile: sorted[0].result.profile, settings: settings(runs[0].result, rowKeys), runs: sorted };
}

/** Groups by a text key; groups are sorted by key, members keep their order. */
function groupBy<T>(values: T[], key: (value: T) => string): T[][] {
  const groups = Map.groupBy(values, key);
  return [...groups.keys()].sort().map((name) => groups.get(name)!);
}
