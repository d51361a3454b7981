import type { Epoch, PhaseRecord } from "../../records/schema.ts";

/** What one stage adds to the loss of one epoch: a rectangle in epochs and in loss. */
export interface LossPiece {
  stage: number;
  epoch: number;
  low: number;
  high: number;
}

/** The losses that an epoch's loss sums, by stage; null for one that has ended. */
export function stageLosses({ losses }: Pick<Epoch, "losses">): (number | null)[] {
  const names = Object.keys(losses).filter((name) => name !== "loss");
  return names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).map((name) => losses[name]);
}

/**
 * The loss of each epoch as a stack of its stages, the last stage at the bottom. In an epoch in which a decoder is
 * dropped, what the stages that are left do not explain belongs to the dropped one: its loss up to the drop. Where
 * several are dropped at once, it is given to the first of them.
 */
export function lossStack({ epochs }: Pick<PhaseRecord, "epochs">): LossPiece[] {
  return epochs.flatMap((one, k) => {
    const { epoch } = one, loss = one.losses.loss ?? 0, lossPerStage = stageLosses(one);
    const before = epochs[k - 1] ? stageLosses(epochs[k - 1]) : lossPerStage;
    const dropped = lossPerStage.findIndex((own, stage) => own === null && (before[stage] ?? null) !== null);
    const known = lossPerStage.reduce((sum: number, own) => sum + (own ?? 0), 0);
    let low = 0;
    return lossPerStage.map((own, stage) => ({ stage, own: stage === dropped ? Math.max(loss - known, 0) : own ?? 0 }))
      .reverse()
      .filter(({ own }) => own > 0)
      .map(({ stage, own }) => {
        const piece = { stage, epoch, low, high: low + own };
        low += own;
        return piece;
      });
  });
}
