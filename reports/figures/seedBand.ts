import { tQuantile } from "../judging/statistics.ts";
import type { SeedBand } from "../sources/claimSchema.ts";

/**
 * How far the accuracies of two single runs of one recipe may lie apart by chance: half-width of the 95 % interval of
 * their difference, in points. The standard deviation is that of few reruns, so Student's t.
 */
export function differenceBand({ sd, reruns }: SeedBand): number {
  return tQuantile(reruns - 1) * sd * Math.SQRT2;
}

/**
 * The half-length of a bar through a point so that two bars overlap where the points differ by less than the difference's
 * band: half of that.
 */
export function pointBand(band: SeedBand): number {
  return differenceBand(band) / 2;
}
