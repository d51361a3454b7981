import { rankOf } from "./rank.ts";
import { nearest, type Neighbours } from "./nearest.ts";

/** Settings of a k-NN classifier. */
export interface KnnOptions {
  /** Neighbours that vote; 20 in DINO's tables. */
  k: number;
  /** A neighbour's vote is exp(cosine similarity / temperature); 0.07 in DINO. */
  temperature: number;
  /** Classes that can be voted for. */
  numClasses: number;
}

/**
 * Classifies features by a weighted vote of their nearest neighbours, as DINO (Caron et al. 2021) evaluates a frozen
 * encoder.
 *
 * @param train [N, D] features of the training set, not normalised
 * @param labels [N] their classes
 * @param test [M, D] features to classify
 * @returns [M, numClasses] sums of votes
 * @throws {UserError} when k is not between 1 and N, or a feature is no finite number
 */
export function knnVotes(
  train: Float32Array,
  labels: ArrayLike<number>,
  test: Float32Array,
  options: KnnOptions,
): Float64Array {
  return votesOf(nearest(train, test, train.length / labels.length, options.k), labels, options);
}

/**
 * The votes of neighbours that are known already: one search with the largest k serves all smaller ones.
 *
 * @param neighbours at least k for each of M rows
 * @param labels [N] classes of the training set
 * @returns [M, numClasses] sums of votes, nearest neighbour first
 */
export function votesOf(
  neighbours: Neighbours,
  labels: ArrayLike<number>,
  { k, temperature, numClasses }: KnnOptions,
): Float64Array {
  if (k > neighbours.k) throw new RangeError(`Cannot count votes: k is ${k}, there are ${neighbours.k} neighbours`);
  const M = neighbours.indices.length / neighbours.k, votes = new Float64Array(M * numClasses);
  for (let m = 0; m < M; m++) {
    for (let at = m * neighbours.k; at < m * neighbours.k + k; at++) {
      const label = labels[neighbours.indices[at]];
      if (!(label >= 0 && label < numClasses)) {
        throw new RangeError(`Cannot count votes: label ${label}, want 0 to ${numClasses - 1}`);
      }
      votes[m * numClasses + label] += Math.exp(neighbours.similarities[at] / temperature);
    }
  }
  return votes;
}

/**
 * How often the true class is among the `places` best, in percent. Equal scores count against it: a class without a vote
 * is never right.
 *
 * @param scores [M, numClasses] votes or logits
 * @param labels [M] the true classes
 * @param places 1 for top-1, 5 for top-5
 */
export function topAccuracy(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
  places: number,
): number {
  let right = 0;
  for (let m = 0; m < labels.length; m++) {
    if (rankOf(scores, labels[m], numClasses, m * numClasses) < places) right++;
  }
  return 100 * right / labels.length;
}
