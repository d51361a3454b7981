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

/** A way of freezing and the cheapest early stop of the baseline that is cheaper and at least as good. */
export interface Stopped {
  freezes: CostPoint;
  by: CostPoint;
  /** Whether it is better by more than chance lets two runs differ; else all that can be said is "no worse". */
  better: boolean;
}

/**
 * The ways of freezing that an early stop does as well as for fewer hours.
 *
 * @param band how far two single runs may lie apart by chance, in points
 */
export function stoppedEarlier(points: CostPoint[], band: number): Stopped[] {
  const stops = points.filter(({ freezes }) => !freezes).toSorted((a, b) => a.hours - b.hours);
  return points.filter(({ freezes }) => freezes).flatMap((one) => {
    const by = stops.find((stop) => stop.hours < one.hours && stop.top1 >= one.top1);
    return by ? [{ freezes: one, by, better: by.top1 - one.top1 > band }] : [];
  });
}

/**
 * Says which way of stopping the baseline early is cheaper than which way of freezing, and whether it is better or only
 * no worse: for each way of freezing the cheapest such stop.
 *
 * @param band how far two single runs may lie apart by chance, in points
 */
export function stoppingSentence(points: CostPoint[], baseline: string, band: number): string {
  const groups = [...Map.groupBy(stoppedEarlier(points, band), ({ by }) => by)]
    .toSorted(([a], [b]) => a.hours - b.hours);
  if (groups.length === 0) return `No early stop of ${baseline} is both cheaper and no worse than freezing`;
  const parts = groups.map(([stop, stopped], k) => {
    const beside = (wanted: boolean) =>
      stopped.filter(({ better }) => better === wanted).map(({ freezes }) => freezes.name);
    const words = [["better than", beside(true)], ["no worse than", beside(false)]] as const;
    const said = words.filter(([, names]) => names.length > 0).map(([word, names]) => `${word} ${listed(names)}`);
    const rest = said.join(" and ");
    return k === 0
      ? `Stopping ${baseline} at ${stop.name} is cheaper and ${rest}`
      : `at ${stop.name} cheaper and ${rest}`;
  });
  return parts.join("; ");
}
