import type { LocalMimConfig } from "../methods/localmim/config.ts";
import type { FreezeState } from "../schedules/freezeState.ts";

/** What of a freeze state decides a step's cost; where nothing is said of the class token, it follows layer 0. */
export type CostState = Pick<FreezeState, "liveLayers" | "liveStages"> & Partial<Pick<FreezeState, "clsTokenLive">>;

/**
 * The state in which the first `frozen` layers are frozen and their decoders dropped, the class token with layer 0.
 *
 * @param frozen 0 to depth; at depth only the last block trains
 */
export function frozenPrefix(
  { depth, stageBlocks }: Pick<LocalMimConfig, "depth" | "stageBlocks">,
  frozen: number,
): CostState {
  return {
    liveLayers: Array.from({ length: depth + 1 }, (_, layer) => layer >= frozen),
    liveStages: stageBlocks.map((block) => block >= frozen),
    clsTokenLive: frozen === 0,
  };
}

/** Whether the class token trains. */
export function clsTokenLive({ liveLayers, clsTokenLive = liveLayers[0] }: CostState): boolean {
  return clsTokenLive;
}
