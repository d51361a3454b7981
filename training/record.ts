import type { FreezeState } from "../core/schedules/freezeState.ts";
import type { RunResult } from "../records/schema.ts";

export type PretrainEpoch = RunResult["pretrain"]["epochs"][number];
export type PretrainEvent = RunResult["events"][number];
export type FinetuneEpoch = RunResult["finetune"]["epochs"][number];
export type Evaluation = RunResult["evaluation"];

/** What froze or was pruned between two iterations; nothing before the first. */
export function stateEvents(before: FreezeState | undefined, now: FreezeState, iteration: number): PretrainEvent[] {
  if (!before) return [];
  const froze = now.liveLayers.flatMap((live, layer): PretrainEvent[] =>
    before.liveLayers[layer] && !live ? [{ kind: "freeze", layer, iteration }] : []
  );
  const pruned = now.liveStages.flatMap((live, stage): PretrainEvent[] =>
    before.liveStages[stage] && !live ? [{ kind: "prune", stage, iteration }] : []
  );
  return [...froze, ...pruned];
}
