import { topAccuracy, votesOf } from "../../core/probes/knn.ts";
import { nearest } from "../../core/probes/nearest.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { UserError } from "../../core/errors.ts";
import { type Check, largestError, type Quantity, quantity } from "./check.ts";

/**
 * Checks the k-NN classifier: `train` [N, D], `test` [M, D], `train_labels`, `test_labels` and the temperature `T`; for
 * every k `neighbours_k<k>`, `similarity_k<k>` [M, k], `votes_k<k>` [M, classes], `pred_k<k>` [M] and `top1_k<k>` in percent.
 *
 * @throws {UserError} when a tensor is missing or there is no k
 */
export function checkKnnProbe(file: SafetensorsFile): Promise<Check> {
  const train = getTensor(file, "train", Float32Array), test = getTensor(file, "test", Float32Array);
  const labels = (key: string) => Array.from(getTensor(file, key, BigInt64Array).data, Number);
  const trainLabels = labels("train_labels"), testLabels = labels("test_labels");
  const [temperature] = getTensor(file, "T", Float32Array).data;
  const counts = [...file.tensors.keys()].flatMap((key) => /^votes_k(\d+)$/.exec(key)?.[1] ?? []).map(Number);
  if (counts.length === 0) {
    throw new UserError(`Cannot check ${file.name}: it holds no votes, want a tensor votes_k<k>`);
  }
  const quantities = counts.flatMap((k): Quantity[] => {
    const found = nearest(train.data, test.data, train.shape[1], k);
    const votes = getTensor(file, `votes_k${k}`, Float32Array), numClasses = votes.shape[1];
    const own = votesOf(found, trainLabels, { k, temperature, numClasses });
    const predicted = getTensor(file, `pred_k${k}`, BigInt64Array).data;
    const wanted = Array.from(getTensor(file, `neighbours_k${k}`, Int32Array).data);
    const top1 = topAccuracy(own, testLabels, numClasses, 1);
    return [
      quantity(`k = ${k}: neighbours that differ`, wanted.filter((row, i) => row !== found.indices[i]).length, 0),
      // Sums of D products in float32, rounded to 6e-8 of at most 1 each.
      quantity(
        `k = ${k}: similarities`,
        largestError(found.similarities, getTensor(file, `similarity_k${k}`, Float32Array).data),
        1e-6,
      ),
      quantity(
        `k = ${k}: votes, of the largest`,
        largestError(own, votes.data) / votes.data.reduce((most, vote) => Math.max(most, vote), 0),
        1e-6,
      ),
      quantity(
        `k = ${k}: predicted classes that differ`,
        testLabels.filter((_, m) => bestOf(own, m, numClasses) !== Number(predicted[m])).length,
        0,
      ),
      // The file has it in single precision.
      quantity(`k = ${k}: top-1, %`, Math.abs(top1 - getTensor(file, `top1_k${k}`, Float32Array).data[0]), 1e-5),
    ];
  });
  return Promise.resolve({ kind: "knn-probe", quantities });
}

/** The class with the largest score in row `m`, the lowest of several. */
function bestOf(scores: Float64Array, m: number, numClasses: number): number {
  const row = scores.subarray(m * numClasses, (m + 1) * numClasses);
  return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
}
