import { canonicalJson } from "../../records/canonical.ts";
import { type PhaseRecord, ranksShape } from "../../records/schema.ts";
import type { Repeats } from "../model.ts";
import type { LinkedRecord } from "./linked.ts";

/** The kind of a processor, as a record has it behind the name; those of November 26 and 27, 2026 lack it. */
const KIND = / \(.*model .+\)$/;

/**
 * Phases that were run more than once on one kind of machine by one engine, on the same images, and whether they came out the
 * same; apart from them, those of records that do not tell the kind of their processor.
 */
export function repeatsOf(linked: readonly LinkedRecord[]): Repeats {
  const records = linked.map(({ record }) => record), told = records.filter(namesKind);
  const groups = [...Map.groupBy(told, computedAs).values()].filter((group) => group.length > 1);
  const differ = (of: (record: PhaseRecord) => string) =>
    groups.filter((group) => new Set(group.map(of)).size > 1).length;
  return {
    phases: groups.length,
    otherCode: differ(({ hashes: { code } }) => code),
    otherDay: differ(dayOf),
    alike: groups.filter(([first, ...others]) => others.every((other) => isAlike(first, other))).length,
    unnamed: unnamedOf(records),
  };
}

/**
 * Phases of records that do not tell the kind of processor, run again on another day on a kind that is told. On another kind
 * weights differ, so equal ones tell that it was the same; phases that left no weights cannot.
 */
function unnamedOf(records: readonly PhaseRecord[]): Repeats["unnamed"] {
  const weighed = records.filter(({ weights }) => Object.keys(weights).length > 0);
  const anyKind = (record: PhaseRecord) => {
    const { machine } = record;
    return computedAs({ ...record, machine: { ...machine, cpu: machine.cpu.replace(KIND, "") } });
  };
  /** For each two records of other days, one of no kind and one of some, whether they are alike. */
  const likenesses = (group: PhaseRecord[]) =>
    group.filter((one) => !namesKind(one)).flatMap((one) =>
      group.filter((other) => namesKind(other) && dayOf(one) !== dayOf(other)).map((other) => isAlike(one, other))
    );
  const again = [...Map.groupBy(weighed, anyKind).values()].map(likenesses).filter((found) => found.length > 0);
  return { phases: again.length, alike: again.filter((found) => found.includes(true)).length };
}

const namesKind = ({ machine: { cpu } }: PhaseRecord) => KIND.test(cpu);
const dayOf = ({ start }: PhaseRecord) => start.slice(0, "2026-01-01".length);

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
