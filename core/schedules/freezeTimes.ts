/**
 * The share of training after which each layer freezes:
 * t_i = (t0 + (1 - t0) i / (L - 1))^power (FreezeOut; thesis section 3.2, paper section 3.2).
 *
 * The last layer has t = 1 exactly and never freezes. A model of one layer has no order to freeze in: its layer is the
 * last, so t = 1.
 *
 * @param layers L, at least 1; layer 0 is nearest the input
 * @param t0 the first layer's share before the power, in (0, 1]
 * @param power 1 for the linear schedule, 3 for the cubic one
 * @returns t_i, ascending, in (0, 1]
 * @example
 * ```ts
 * import { freezeTimes } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const shares = freezeTimes({ layers: 3, t0: 0.5, power: 3 });
 * deepStrictEqual(shares, [0.125, 0.421875, 1]);
 * ```
 */
export function freezeTimes({ layers, t0, power }: { layers: number; t0: number; power: number }): number[] {
  return linearFreezeTimes(layers, t0).map((t) => t ** power);
}

/** The freezing times before the power: t0 + (1 - t0) i / (L - 1), and 1 for the last layer. */
export function linearFreezeTimes(layers: number, t0: number): number[] {
  return Array.from({ length: layers }, (_, i) => i === layers - 1 ? 1 : t0 + (1 - t0) * i / (layers - 1));
}
