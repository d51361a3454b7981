import { canonicalJson } from "../../records/canonical.ts";
import type { UsedRecord } from "./linked.ts";

/** Images that were asked for, and the content that they were found with. */
interface Images {
  asked: string;
  hash: string;
}

/** Content by what was asked for. */
type Contents = Map<string, string>;

/**
 * Records by the content of their data: in one group, what was asked for in the same words has the same content. Records
 * of one hash belong together, and a record with the one that it starts from; what nothing connects and nothing forbids
 * is put together, too.
 */
export function byContent(records: readonly UsedRecord[]): UsedRecord[][] {
  const byId = new Map(records.map((one) => [one.id, one]));
  const groups = new Map<string, Contents>();
  for (const one of records) {
    const { asked, hash } = imagesOf(one);
    if (!groups.has(name({ asked, hash }))) groups.set(name({ asked, hash }), new Map([[asked, hash]]));
  }
  const join = (a: string, b: string) => {
    const into = groups.get(a)!, other = groups.get(b)!;
    if (into === other || !agree(into, other)) return;
    for (const [asked, hash] of other) {
      into.set(asked, hash);
      groups.set(name({ asked, hash }), into);
    }
  };
  const names = [...groups.keys()].sort(), hashes = Map.groupBy(names, (name) => name.slice(0, 64));
  for (const [first, ...others] of hashes.values()) others.forEach((other) => join(first, other));
  for (const one of records) {
    const start = one.record.startedFrom === null ? undefined : byId.get(one.record.startedFrom);
    if (start) join(name(imagesOf(start)), name(imagesOf(one)));
  }
  const count = Map.groupBy(records, (one) => groups.get(name(imagesOf(one)))!);
  const size = (contents: Contents) => count.get(contents)!.length;
  const distinct = [...new Set(names.map((name) => groups.get(name)!))].sort((a, b) => size(b) - size(a));
  const joined: Contents[][] = [];
  for (const contents of distinct) {
    const place = joined.find((all) => all.every((other) => agree(other, contents)));
    if (place) place.push(contents);
    else joined.push([contents]);
  }
  return joined.map((all) => records.filter((one) => all.includes(groups.get(name(imagesOf(one)))!)));
}

function imagesOf({ record: { phase, hashes } }: UsedRecord): Images {
  return { asked: canonicalJson(phase.data), hash: hashes.data };
}

function name({ asked, hash }: Images): string {
  return `${hash} ${asked}`;
}

function agree(some: Contents, others: Contents): boolean {
  return [...others].every(([asked, hash]) => (some.get(asked) ?? hash) === hash);
}
