import { UserError } from "../errors.ts";

/** The nearest neighbours of M rows, nearest first. */
export interface Neighbours {
  /** Neighbours of a row. */
  k: number;
  /** [M, k] which training row each neighbour is. */
  indices: Int32Array;
  /** [M, k] its cosine similarity. */
  similarities: Float64Array;
}

/** Rows that are normalised and compared at a time: two blocks of 96 features fit into a core's own cache. */
const TEST_BLOCK = 64, TRAIN_BLOCK = 128;

/**
 * Finds the rows of a training set with the largest cosine similarity to each test row. Of equally near ones, the one that
 * comes first in the training set is the nearer.
 *
 * A similarity is a sum in double precision over the features in their order, so it depends on the two rows alone. A row
 * of zeros has similarity 0 to all.
 *
 * @param train [N, D] features, of any length
 * @param test [M, D] features, of any length
 * @param dim D
 * @param k neighbours wanted
 * @throws {UserError} when k is not between 1 and N, or a feature is no finite number
 */
export function nearest(train: Float32Array, test: Float32Array, dim: number, k: number): Neighbours {
  const N = train.length / dim, M = test.length / dim;
  if (![dim, N, M].every(Number.isInteger)) {
    throw new RangeError(`Cannot find neighbours: ${train.length} and ${test.length} values are no rows of ${dim}`);
  }
  if (!Number.isInteger(k) || k < 1 || k > N) {
    throw new UserError(`Cannot find neighbours: k is ${k}, want 1 to ${N}, the size of the training set`);
  }
  const indices = new Int32Array(M * k), similarities = new Float64Array(M * k).fill(-Infinity);
  const rows = new Float64Array(TEST_BLOCK * dim), columns = new Float64Array(TRAIN_BLOCK * dim);
  const cosines = new Float64Array(TEST_BLOCK * TRAIN_BLOCK);
  for (let m = 0; m < M; m += TEST_BLOCK) {
    const height = normalize(test, m, dim, rows);
    for (let n = 0; n < N; n += TRAIN_BLOCK) {
      const width = normalize(train, n, dim, columns);
      multiply(rows, columns, dim, cosines);
      for (let row = 0; row < height; row++) {
        const from = (m + row) * k, last = from + k - 1;
        for (let column = 0; column < width; column++) {
          const cosine = cosines[row * TRAIN_BLOCK + column];
          if (cosine > similarities[last]) insert(indices, similarities, from, last, n + column, cosine);
        }
      }
    }
  }
  return { k, indices, similarities };
}

/** Takes a neighbour into a sorted list, behind those that are as near; the farthest one leaves it. */
function insert(
  indices: Int32Array,
  similarities: Float64Array,
  first: number,
  last: number,
  index: number,
  similarity: number,
): void {
  let at = last;
  for (; at > first && similarities[at - 1] < similarity; at--) {
    indices[at] = indices[at - 1];
    similarities[at] = similarities[at - 1];
  }
  indices[at] = index;
  similarities[at] = similarity;
}

/** Fills a block with rows of length 1, from row `start` on as far as there are any; returns how many these are. */
function normalize(features: Float32Array, start: number, dim: number, block: Float64Array): number {
  const count = Math.min(block.length, features.length - start * dim) / dim;
  for (let row = 0; row < count; row++) {
    const from = (start + row) * dim, to = row * dim;
    let squares = 0;
    for (let d = 0; d < dim; d++) squares += features[from + d] * features[from + d];
    if (!Number.isFinite(squares)) {
      throw new UserError(
        `Cannot find neighbours: feature row ${start + row} holds ${found(features, from, dim)}, want finite numbers`,
      );
    }
    // PyTorch's `normalize` divides by 1e-12 at least.
    const length = Math.max(Math.sqrt(squares), 1e-12);
    for (let d = 0; d < dim; d++) block[to + d] = features[from + d] / length;
  }
  return count;
}

/** The first value of a row that is not finite. */
function found(features: Float32Array, from: number, dim: number): number | undefined {
  return features.subarray(from, from + dim).find((value) => !Number.isFinite(value));
}

/**
 * All products of two blocks of rows, in tiles of four by two, whose sums stay in registers.
 *
 * @param rows [TEST_BLOCK, D]
 * @param columns [TRAIN_BLOCK, D]
 * @param products [TEST_BLOCK, TRAIN_BLOCK] is overwritten
 */
function multiply(rows: Float64Array, columns: Float64Array, dim: number, products: Float64Array): void {
  for (let i = 0; i < TEST_BLOCK; i += 4) {
    const r0 = i * dim, r1 = r0 + dim, r2 = r1 + dim, r3 = r2 + dim;
    for (let j = 0; j < TRAIN_BLOCK; j += 2) {
      const c0 = j * dim, c1 = c0 + dim;
      let ax = 0, ay = 0, bx = 0, by = 0, cx = 0, cy = 0, ex = 0, ey = 0;
      for (let d = 0; d < dim; d++) {
        const x = columns[c0 + d], y = columns[c1 + d];
        const a = rows[r0 + d], b = rows[r1 + d], c = rows[r2 + d], e = rows[r3 + d];
        ax += a * x;
        ay += a * y;
        bx += b * x;
        by += b * y;
        cx += c * x;
        cy += c * y;
        ex += e * x;
        ey += e * y;
      }
      const at = i * TRAIN_BLOCK + j;
      products[at] = ax;
      products[at + 1] = ay;
      products[at + TRAIN_BLOCK] = bx;
      products[at + TRAIN_BLOCK + 1] = by;
      products[at + 2 * TRAIN_BLOCK] = cx;
      products[at + 2 * TRAIN_BLOCK + 1] = cy;
      products[at + 3 * TRAIN_BLOCK] = ex;
      products[at + 3 * TRAIN_BLOCK + 1] = ey;
    }
  }
}
