import { medianOf } from "../../core/median.ts";
import { freezeEpochs } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";

/** How long an epoch takes with a number of frozen layers. */
export interface FrozenTime {
  /** Layers that are frozen during the whole epoch. */
  frozen: number;
  /** The epochs that it was measured on. */
  epochs: number[];
  /** Median of their seconds. */
  seconds: number;
  /** Over the median of the run's own epochs without a frozen layer; null when it has none. */
  relative: number | null;
}

/**
 * Seconds per epoch by number of frozen layers, ascending. Epochs in which a layer freezes are left out; so is a number
 * of layers that no whole epoch has.
 *
 * @param run seconds inside the steps, entry k of epoch k
 * @param schedule the schedule that the run followed; `recipeSchedule` makes it from a run's arguments
 */
export function epochTimeByFrozenLayers(run: { seconds: number[] }, schedule: FreezeSchedule): FrozenTime[] {
  const freezes = freezeEpochs(schedule).filter((epoch) => epoch !== null);
  const whole = run.seconds.map((_, epoch) => epoch)
    .filter((epoch) => !freezes.some((freeze) => epoch < freeze && freeze < epoch + 1));
  const groups = Map.groupBy(whole, (epoch) => freezes.filter((freeze) => freeze <= epoch).length);
  const seconds = (epochs: number[]) => medianOf(epochs.map((epoch) => run.seconds[epoch]));
  const unfrozen = groups.get(0), base = unfrozen ? seconds(unfrozen) : null;
  return [...groups].sort(([a], [b]) => a - b).map(([frozen, epochs]) => ({
    frozen,
    epochs,
    seconds: seconds(epochs),
    relative: base === null ? null : seconds(epochs) / base,
  }));
}
