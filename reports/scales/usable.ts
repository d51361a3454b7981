import { sha256 } from "../../core/sha256.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { environmentOf } from "./environment.ts";
import type { LinkedRecord, UsedRecord } from "./linked.ts";

/**
 * The records that agree with themselves and with the records that they name, each with its environment, by id.
 *
 * @returns besides, one line for each of the others: what is wrong with it
 */
export function usableRecords(records: readonly LinkedRecord[]): { used: UsedRecord[]; warnings: string[] } {
  const sorted = records.toSorted((a, b) => a.id < b.id ? -1 : 1), byId = new Map(sorted.map((one) => [one.id, one]));
  const faults = new Map<string, string | undefined>(), used = new Map<string, UsedRecord>();
  const visit = (one: LinkedRecord): void => {
    if (faults.has(one.id)) return;
    faults.set(one.id, "it starts from itself");
    const { startedFrom } = one.record, start = startedFrom === null ? undefined : byId.get(startedFrom);
    if (start) visit(start);
    const fault = keyFault(one) ?? startFault(one, start) ??
      (start && faults.get(start.id) !== undefined ? `it starts from ${start.id}.json, which is not used` : undefined);
    faults.set(one.id, fault);
    if (fault !== undefined) return;
    const environment = environmentOf(one.record, start && used.get(start.id)!.environment);
    used.set(one.id, { ...one, environment });
  };
  sorted.forEach(visit);
  const warnings = sorted.flatMap(({ id }) => faults.get(id) ? [`Not used: ${id}.json: ${faults.get(id)}`] : []);
  return { used: sorted.flatMap(({ id }) => used.get(id) ?? []), warnings };
}

function keyFault({ record: { key, phase } }: LinkedRecord): string | undefined {
  const found = sha256(canonicalJson(phase));
  return found === key
    ? undefined
    : `its key is ${key.slice(0, 12)}, want ${found.slice(0, 12)}, the hash of its phase`;
}

/** What does not fit between a record and the one that it names; one whose file is gone tells nothing. */
function startFault({ record: { startedFrom, phase } }: LinkedRecord, start?: LinkedRecord): string | undefined {
  if (startedFrom === null && phase.from === null) return undefined;
  if (startedFrom === null) return "it names no record that it starts from, but its phase starts from another one";
  if (phase.from === null) return `it names ${startedFrom}.json as its start, but its phase starts from none`;
  if (start === undefined || start.record.key === phase.from.key) return undefined;
  const [found, wanted] = [start.record.key, phase.from.key].map((key) => key.slice(0, 12));
  return `it starts from ${startedFrom}.json, whose key is ${found}, want ${wanted}`;
}
