import { shortPath } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import type { PhaseRecord } from "../records/schema.ts";
import type { Keeper } from "./checkpoint/keeper.ts";
import { leaveWeights } from "./checkpoint/weightsFile.ts";
import { weightsHash } from "./weightsHash.ts";

/**
 * The keeper of a finished phase that is trained again up to an epoch whose weights were not kept: no checkpoint, no record,
 * nothing but the missing weights. What was recorded on the way has to come out again.
 *
 * @param missing epochs after which weights are wanted
 */
export function replayKeeper(
  { folder, metadata }: { folder: string; metadata: Record<string, string> },
  record: PhaseRecord,
  missing: readonly number[],
): Keeper {
  return {
    restore: () => Promise.resolve(undefined),
    offer: () => Promise.resolve(),
    save: () => Promise.resolve(),
    async leaveWeights(epochs, arena) {
      const before = record.weights[epochs], now = weightsHash(arena);
      if (before !== undefined && before !== now) {
        throw new UserError(
          `Cannot train ${shortPath(folder)} again: after epoch ${epochs} the SHA-256 of its weights is ${now}, ` +
            `want ${before} as recorded; --fresh starts it over`,
        );
      }
      if (missing.includes(epochs)) await leaveWeights({ folder, metadata }, epochs, arena);
    },
  };
}
