import { canonicalJson } from "../../records/canonical.ts";
import { type PhaseRecord, ranksShape } from "../../records/schema.ts";
import type { Repeats } from "../model.ts";
import type { LinkedRecord } from "./linked.ts";

/**
 * Phases that were run more than once on one kind of machine by one engine, on the same images, and whether they came out the
 * same. Records that do not tell the kind of their processor are left out.
 */
export function repeatsOf(records: readonly LinkedRecord[]): Repeats {
  const told = records.map(({ record }) => record).filter(({ machine: { cpu } }) => /\(.*model .+\)$/.test(cpu));
  const groups = [...Map.groupBy(told, computedAs).values()].filter((group) => group.length > 1);
  const differ = (of: (record: PhaseRecord) => string) =>
    groups.filter((group) => new Set(group.map(of)).size > 1).length;
  return {
    phases: groups.length,
    otherCode: differ(({ hashes: { code } }) => code),
    otherDay: differ(({ start }) => start.slice(0, "2026-01-01".length)),
    alike: groups.filter(([first, ...others]) => others.every((other) => isAlike(first, other))).length,
  };
}

/** What a phase computes, and on what. */
function computedAs({ key, hashes: { data }, machine, engine, ...record }: PhaseRecord): string {
  return canonicalJson([key, data, machine, engine, ranksShape(record) ?? null]);
}

/** Whether two records have the same weights after every epoch of which both kept them, and the same accuracies. */
function isAlike(one: PhaseRecord, other: PhaseRecord): boolean {
  const kept = Object.keys(one.weights).filter((epochs) => epochs in other.weights);
  return kept.every((epochs) => one.weights[epochs] === other.weights[epochs]) &&
    canonicalJson(one.metrics) === canonicalJson(other.metrics);
}
