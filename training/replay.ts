import { shortPath } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import type { PhaseRecord } from "../records/schema.ts";
import type { Phase } from "../records/phase.ts";
import type { Keeper } from "./checkpoint/keeper.ts";
import { leaveWeights, weightsMetadata } from "./checkpoint/weightsFile.ts";
import { type GraphWork, phaseWork } from "./graphWork.ts";
import type { Opened } from "./openPhase.ts";
import { phaseFolder } from "./phaseFolder.ts";
import { RUNNERS } from "./phases/mod.ts";
import { fromFirst } from "./sameOnAll.ts";
import { weightsHash } from "./weightsHash.ts";

/** Trains a finished phase again, as far as others start from weights of it that were not kept. */
export async function keepMissing(phase: Phase, opened: Opened | undefined, work: GraphWork): Promise<void> {
  const { folders, ranks, warn } = work, folder = phaseFolder(folders.root, phase);
  const missing = opened?.missing ?? [], asked = JSON.stringify(missing);
  const wanted: number[] = JSON.parse(await fromFirst(ranks, `the weights that ${shortPath(folder)} lacks`, asked));
  if (wanted.length === 0) return;
  if (opened) {
    warn(`${shortPath(folder)} kept no weights after epoch ${wanted.join(", ")}: it is trained again up to there`);
  }
  const shared = phaseWork(phase, work), runner = RUNNERS[phase.kind], until = Math.max(...wanted);
  const metadata = weightsMetadata(runner.model(phase.config, shared.dataset.classes.length)!);
  const known = Object.keys(opened?.record?.weights ?? {}).map(Number).filter((epochs) => epochs < until);
  await runner.run(phase.config, {
    ...shared,
    ...(opened?.record && { keeper: replayKeeper({ folder, metadata }, opened.record, wanted) }),
    snapshots: [...known, ...wanted],
    until,
  });
}

/**
 * The keeper of a finished phase that is trained again up to an epoch whose weights were not kept: no checkpoint, no record,
 * nothing but the missing weights. What was recorded on the way has to come out again.
 *
 * @param missing epochs after which weights are wanted
 */
function replayKeeper(
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
