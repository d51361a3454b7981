import { listed } from "../format.ts";
import { niceDomain } from "./niceDomain.ts";

/** What a pre-training costs and what it gives. */
export interface CostPoint {
  /** Row of the table it stands in. */
  key: string;
  name: string;
  /** Whether layers freeze; else it is the baseline, perhaps stopped early. */
  freezes: boolean;
  /** Hours of pre-training. */
  hours: number;
  /** Percent. */
  top1: number;
}

/** A range of hours from 0, with room for names on the right. */
export function hoursDomain(points: { hours: number }[]): [number, number] {
  return niceDomain([0, ...points.map(({ hours }) => hours * 1.1)]);
}

/** The points to which no other one is at most as dear and at least as good, by hours. */
export function paretoFront<T extends { hours: number; top1: number }>(points: T[]): T[] {
  const sorted = points.toSorted((a, b) => a.hours - b.hours || b.top1 - a.top1);
  let best = -Infinity;
  return sorted.filter(({ top1 }) => {
    if (top1 <= best) return false;
    best = top1;
    return true;
  });
}

/**
 * Says which way of stopping the baseline early is both cheaper and better than which way of freezing: for each way of
 * freezing the cheapest such stop.
 */
export function stoppingSentence(points: CostPoint[], baseline: string): string {
  const stops = points.filter(({ freezes }) => !freezes).toSorted((a, b) => a.hours - b.hours);
  const beaten = points.filter(({ freezes }) => freezes).map(({ name, hours, top1 }) => ({
    name,
    by: stops.find((stop) => stop.hours < hours && stop.top1 > top1),
  }));
  const groups = stops.flatMap((stop) => {
    const names = beaten.filter(({ by }) => by === stop).map(({ name }) => name);
    return names.length === 0 ? [] : [{ stop: stop.name, names: listed(names) }];
  });
  if (groups.length === 0) return `No early stop of ${baseline} is both cheaper and better than freezing`;
  const [first, ...others] = groups.map(({ stop, names }, k) =>
    k === 0 ? `Stopping ${baseline} at ${stop} is cheaper and better than ${names}` : `at ${stop} also than ${names}`
  );
  return [first, ...others].join("; ");
}
