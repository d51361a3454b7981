import type { RanksSpan, RunResult } from "./schema.ts";

/** What matters of the processes that shared a run: how many on each machine, not what the machines are called. */
export type RanksShape = Omit<RanksSpan, "hosts"> & { perHost: number[] };

/** The processes that shared a run, without the names of machines; nothing where it was one process. */
export function ranksShape({ ranks }: Pick<RunResult, "ranks">): RanksShape[] | undefined {
  return ranks?.map(({ hosts, ...rest }) => ({
    ...rest,
    perHost: [...Map.groupBy(hosts, (host) => host).values()].map(({ length }) => length).sort((a, b) => b - a),
  }));
}
