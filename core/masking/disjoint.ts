import type { Random } from "../random/stream.ts";
import { byNoise, maskOf, maskOfOrder } from "./order.ts";
import { lenKeep, type Mask } from "./randomMask.ts";

/** Shares of the units (patches or cells) of an image. */
export interface Rates {
  /** Masked in each view: the corruption rate. */
  maskRatio: number;
  /** Masked in at least one view: the prediction rate, at most 1. */
  predRatio: number;
}

/** Random orders of the places of what the first view leaves visible, and of what it masks. */
export interface PairDraws {
  visible: ArrayLike<number>;
  masked: ArrayLike<number>;
}

/**
 * Two disjoint views of an image (DMJD, Ma et al. 2023, section III-B-1, in the form of the released code): the second view masks
 * what makes up the prediction rate from what the first one has left visible, and the rest from what it has masked.
 *
 * @param noise one number a unit: those with the least are visible in the first view
 * @param draws each a permutation of the places of its list, which are in the order of the noise
 */
export function disjointPair(noise: ArrayLike<number>, draws: PairDraws, { maskRatio, predRatio }: Rates): Mask[] {
  return pairOf(byNoise(noise), draws, { maskRatio, predRatio });
}

/** The same of the units in their order, visible ones first. */
function pairOf(order: Int32Array, draws: PairDraws, rates: Rates): Mask[] {
  const { first, later, ...room } = roomForPair(order.length), keep = lenKeep(order.length, rates.maskRatio);
  const place = (list: Int32Array, places: ArrayLike<number>, from: number) => {
    for (let i = 0; i < places.length; i++) later[from + i] = list[places[i]];
  };
  first.set(order);
  place(order.subarray(0, keep), draws.visible, 0);
  place(order.subarray(keep), draws.masked, keep);
  return pairFrom({ first, later, ...room }, rates);
}

/** Both views, drawn from a stream each. */
export function drawPair(units: number, own: Random, others: Random, rates: Rates): Mask[] {
  const room = roomForPair(units), { first, later } = room, keep = lenKeep(units, rates.maskRatio);
  const { extra, again } = pairCounts(units, rates);
  for (let unit = 0; unit < units; unit++) first[unit] = unit;
  own.shuffle(first, 0, units, keep);
  later.set(first);
  // Of a list that is taken as a whole nothing has to be drawn.
  others.shuffle(later, 0, keep, extra === keep ? 0 : extra);
  others.shuffle(later, keep, units, again);
  return pairFrom(room, rates);
}

/**
 * What a pair of views is made in. In `first` and `later` are all units: those that the first view leaves visible, then those that
 * it masks; in `later` each of the two lists begins with what the second view masks of it. In the end `later` is overwritten.
 */
interface PairRoom {
  first: Int32Array;
  later: Int32Array;
  second: Int32Array;
  restore: Int32Array;
  masks: Float32Array[];
}

/** Parts of one buffer: arrays of their own would take most of the time. */
function roomForPair(units: number): PairRoom {
  const bytes = units * Int32Array.BYTES_PER_ELEMENT, room = new ArrayBuffer(6 * bytes);
  const places = (k: number) => new Int32Array(room, k * bytes, units);
  const flags = (k: number) => new Float32Array(room, k * bytes, units);
  return { first: places(0), later: places(1), second: places(2), restore: places(3), masks: [flags(4), flags(5)] };
}

function pairFrom({ first, later, second, restore, masks }: PairRoom, rates: Rates): Mask[] {
  const units = first.length, keep = lenKeep(units, rates.maskRatio), { extra, again } = pairCounts(units, rates);
  // From visible and masked ones, each begun by what is masked next, to left ones of both, and masked ones of both.
  const visible = units - extra - again;
  second.set(later.subarray(extra, keep));
  second.set(later.subarray(keep + again), keep - extra);
  second.set(later.subarray(0, extra), visible);
  second.set(later.subarray(keep, keep + again), visible + extra);
  return [maskOfOrder(first, keep, restore, masks[0]), maskOfOrder(second, visible, later, masks[1])];
}

/** How many units the second view masks that the first has left visible, and again of those it has masked. */
function pairCounts(units: number, { maskRatio, predRatio }: Rates): { extra: number; again: number } {
  const extra = Math.floor(Math.min(predRatio - maskRatio, maskRatio) * units);
  return { extra, again: units - lenKeep(units, maskRatio) - extra };
}

/** How many units a later view masks that no view has masked before. */
export type FreshRule =
  /** What is left, shared out over the views that are left. */
  | { kind: "spread" }
  /** As many as there are. */
  | { kind: "greedy" }
  /** A share of those that are left. */
  | { kind: "rate"; share: number };

/**
 * Any number of disjoint views (the paper's rule; the released code has two only). From the second view on, units are taken in
 * the order of the view's own noise: first so many that no view has masked, then from those that some view has.
 *
 * @param noises of each view, one number a unit
 * @returns the views, visible units ascending
 */
export function disjointViews(
  noises: readonly ArrayLike<number>[],
  { maskRatio, predRatio }: Rates,
  rule: FreshRule,
): Mask[] {
  const units = noises[0].length, count = units - lenKeep(units, maskRatio);
  const first = byNoise(noises[0]).subarray(units - count);
  return viewsAfter(first, noises.slice(1), { units, count, cover: Math.floor(predRatio * units) }, rule);
}

/** How many units an image has, each view masks, and all views mask together at most. */
export interface UnitCounts {
  units: number;
  count: number;
  cover: number;
}

/**
 * A first view and disjoint ones after it.
 *
 * @param first units that it masks
 * @param noises of each later view, one number a unit
 * @returns all views, visible units ascending
 */
export function viewsAfter(
  first: ArrayLike<number>,
  noises: readonly ArrayLike<number>[],
  { units, count, cover }: UnitCounts,
  rule: FreshRule,
): Mask[] {
  const met = new Set<number>();
  const view = (masked: number[]) => {
    masked.forEach((unit) => met.add(unit));
    const hidden = new Set(masked), rest = Array.from({ length: units }, (_, unit) => unit);
    return maskOf(rest.filter((unit) => !hidden.has(unit)), masked);
  };
  return [
    view(Array.from(first)),
    ...noises.map((noise, at) => {
      const order = byNoise(noise);
      const [fresh, old] = [false, true].map((known) => [...order].filter((unit) => met.has(unit) === known));
      const left = cover - met.size;
      const wanted = rule.kind === "spread"
        ? Math.ceil(left / (noises.length - at))
        : rule.kind === "greedy"
        ? left
        : Math.max(1, Math.floor(rule.share * fresh.length));
      const some = Math.max(count - old.length, Math.min(fresh.length, count, wanted), 0);
      return view([...fresh.slice(0, some), ...old.slice(0, count - some)]);
    }),
  ];
}
