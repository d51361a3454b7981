import { differences } from "../core/checkpoint/difference.ts";
import { UserError } from "../core/errors.ts";
import { schemaFault } from "../core/schemaFault.ts";
import type { ImageDataset } from "../datasets/dataset.ts";
import type { Phase } from "../records/phase.ts";
import { iterationsPerEpoch } from "./batches.ts";
import type { GraphWork } from "./graphWork.ts";
import { RUNNERS } from "./phases/mod.ts";
import { ownShare } from "./work.ts";

/**
 * Makes sure that phases can be run, before any data are read.
 *
 * @throws {UserError} naming the first value of a config that is refused
 */
export function checkPhases(phases: readonly Phase[]): void {
  for (const { kind, config, from } of phases) {
    const runner = RUNNERS[kind], parsed = runner.config.safeParse(config);
    if (!parsed.success) throw new UserError(`Cannot use ${kind}.${schemaFault(parsed.error, config)}`);
    const fault = runner.fault(parsed.data);
    if (fault) throw new UserError(`Cannot use ${fault}`);
    if (!from) continue;
    const start = RUNNERS[from.phase.kind].encoder?.(from.phase.config), own = runner.encoder?.(parsed.data);
    if (!start || !own) {
      throw new UserError(`Cannot start a ${kind} phase from a ${from.phase.kind} phase: want phases of one encoder`);
    }
    const [differs] = differences(start, own);
    if (differs) {
      const { key, before, now } = differs;
      throw new UserError(`Cannot start a ${kind} phase from a model whose ${key} is ${before}: want its own, ${now}`);
    }
  }
}

/**
 * Makes sure that the images of every phase's steps are there and can be shared among the ranks.
 *
 * @throws {UserError} when they cannot
 */
export function checkShares(phase: Phase, dataset: ImageDataset, { ranks, accum }: Pick<GraphWork, "ranks" | "accum">) {
  const { name, batch: batchOf, checkImages } = RUNNERS[phase.kind], batch = batchOf(phase.config);
  checkImages?.(phase.config, dataset.train.length);
  if (!batch) return;
  iterationsPerEpoch(dataset.train.length, batch.batch, batch.accumulation, batch.cropsPerImage);
  const { images } = ownShare(batch, { ranks, accum });
  if (batch.pairs && images % 2) {
    throw new UserError(
      `Cannot share ${name} as ${images} images a pass: want an even number, for images are mixed in pairs; ` +
        `another number of ranks, --accum or ${phase.kind}.batch changes it`,
    );
  }
}
