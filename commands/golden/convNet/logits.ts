import { rankOf } from "../../../core/probes/rank.ts";
import { crossEntropy } from "../../../training/scores.ts";

/** Rows of logits, [rows, classes]. */
function rowsOf(logits: Float32Array, rows: number): Float32Array[] {
  const classes = logits.length / rows;
  return Array.from({ length: rows }, (_, i) => logits.subarray(i * classes, (i + 1) * classes));
}

/** Log-likelihood of every class, [rows, classes]. */
export function logLikelihoods(logits: Float32Array, rows: number): Float64Array {
  return Float64Array.from(
    rowsOf(logits, rows).flatMap((row) => Array.from(row, (_, label) => -crossEntropy(row, label))),
  );
}

/** Mean negative log-likelihood of the labels. */
export function meanLoss(logits: Float32Array, labels: ArrayLike<number>): number {
  const losses = rowsOf(logits, labels.length).map((row, i) => crossEntropy(row, labels[i]));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** How many rows have their largest value elsewhere than at their label. */
export function wrongOf(logits: Float32Array, labels: ArrayLike<number>): number {
  return rowsOf(logits, labels.length).filter((row, i) => rankOf(row, labels[i]) > 0).length;
}
