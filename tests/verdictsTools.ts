import type { Evidence } from "../reports/judging/evidence.ts";
import { rowName } from "../reports/judging/labels.ts";
import { type Observation, publishedObservation } from "../reports/judging/observations.ts";
import { judge, type Judgement } from "../reports/judging/verdicts.ts";
import type { Verdict } from "../reports/vocabulary.ts";
import { loadClaimSets, loadClaimSources } from "../reports/sources/claimSets.ts";
import type { Claim } from "../reports/sources/claims.ts";
import { isTable } from "../reports/sources/publishedWorks.ts";

export const sources = await loadClaimSources();
export const claims = (await loadClaimSets(sources)).flatMap(({ claims }) => claims);

export function claim(id: string): Claim {
  return claims.find((claim) => claim.id === id)!;
}

export function judged(
  id: string,
  observations: Observation[],
  profile = "small",
  lost: string[] = [],
): Promise<Judgement> {
  const seeds = observations.map((observation) => [observation]);
  return judge(
    claim(id),
    { ...NOTHING, published: profile === "paper", seeds, lost },
    sources,
  );
}

/** No times of a backward pass that is cut, and no word on the machine. */
export const NOTHING: Evidence = {
  published: false,
  timed: new Set(["gpu_hours", "total_gpu_hours", "total_hours", "hours_per_epoch", "pt_hours"]),
  seeds: [],
  unfrozen: [],
  cut: { seeds: [], unfrozen: [] },
  lost: [],
};

export async function verdict(id: string, observations: Observation[], profile?: string): Promise<Verdict> {
  return (await judged(id, observations, profile)).verdict;
}

/** One column of several rows. */
export function column(column: string, values: Record<string, number>): Observation {
  return Object.fromEntries(Object.entries(values).map(([row, value]) => [row, { [column]: value }]));
}

/** Three seeds; row k's values differ by a little noise that does not shift all rows alike. */
export function seeds(name: string, values: Record<string, number>, count = 3): Observation[] {
  const noise = (seed: number, k: number) => 0.01 * ((seed * 3 + k * 2) % 5) + 0.3 * seed;
  return Array.from(
    { length: count },
    (_, seed) =>
      column(name, Object.fromEntries(Object.entries(values).map(([row, v], k) => [row, v + noise(seed, k)]))),
  );
}

/** All that is printed, as one observation of a table. */
export function printed(own: string): Observation {
  const tables = [...sources.works.values()].filter(isTable);
  return Object.fromEntries(
    tables.flatMap((table) =>
      Object.entries(publishedObservation(table)).map(([row, values]) =>
        [table.id === own ? row : rowName(table.id, row), values] as const
      )
    ),
  );
}
