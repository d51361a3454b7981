import { byNoise, maskOf } from "./order.ts";
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
  const units = noise.length, keep = lenKeep(units, maskRatio), order = byNoise(noise);
  const visible = order.subarray(0, keep), masked = order.subarray(keep);
  const extra = Math.floor(Math.min(predRatio - maskRatio, maskRatio) * units), again = units - keep - extra;
  const [fresh, old] = [Array.from(draws.visible, (at) => visible[at]), Array.from(draws.masked, (at) => masked[at])];
  return [
    maskOf(visible, masked),
    maskOf([...fresh.slice(extra), ...old.slice(again)], [...fresh.slice(0, extra), ...old.slice(0, again)]),
  ];
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
  const units = noises[0].length, count = units - lenKeep(units, maskRatio), cover = Math.floor(predRatio * units);
  const met = new Set<number>();
  return noises.map((noise, view) => {
    const order = byNoise(noise);
    const [fresh, old] = [false, true].map((known) => [...order].filter((unit) => met.has(unit) === known));
    const left = cover - met.size, views = noises.length - view;
    const wanted = rule.kind === "spread"
      ? Math.ceil(left / views)
      : rule.kind === "greedy"
      ? left
      : Math.max(1, Math.floor(rule.share * fresh.length));
    const some = Math.max(0, Math.min(fresh.length, count, wanted));
    const masked = view === 0
      ? [...order.subarray(units - count)]
      : [...fresh.slice(0, some), ...old.slice(0, count - some)];
    masked.forEach((unit) => met.add(unit));
    const hidden = new Set(masked), rest = Array.from(order.keys()).filter((unit) => !hidden.has(unit));
    return maskOf(rest, masked);
  });
}
