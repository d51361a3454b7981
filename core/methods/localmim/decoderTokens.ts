import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "../../engine/fusedKernel.ts";

/*
 * Before its block a decoder holds N masked tokens that are the same in every image of the batch (mask token plus
 * position) and the visible tokens of each image. Both stand in one matrix, the shared rows first:
 *
 *   rows 0 … N        the class token's place, which nobody uses, then the mask token at each position
 *   rows N+1 …        for each image the class token and its V visible tokens
 *
 * What acts on single tokens (norm, qkv) runs once per row of this matrix instead of once per token of every image.
 */

/** Row indices of a batch; see `maskFeeds`. */
export interface TokenRows {
  /** [B*(N+1)] for each token of each image, class token first, its row of the matrix. */
  sources: tf.Tensor;
  /** [B*(V+1)] for each row of an image's own its token, counted over the batch. */
  ownTokens: tf.Tensor;
  /** [B*(N+1), 1] 1 for a masked token, 0 for another. */
  isMasked: tf.Tensor;
  /** [B*M] positions of the masked tokens, the class token's being 0. */
  maskedPlaces: tf.Tensor;
  /** [B*(N+1)] for each token its place among the masked ones, B*M where it is visible. */
  maskedInverse: tf.Tensor;
}

/**
 * The tokens of all images in their places: [N+1 + B*(V+1), w] to [B*(N+1), w]. A shared row gets the sum of the gradients of
 * all images, added in the order of the batch.
 */
export function allTokens(x: tf.Tensor, { sources, ownTokens, isMasked }: TokenRows, batch: number): tf.Tensor {
  const tokens = sources.size / batch;
  return withGradient([x, sources, ownTokens, isMasked], (save, x, sources, ownTokens, isMasked) => {
    save([sources, ownTokens, isMasked]);
    return {
      value: tf.gather(x, sources as tf.Tensor1D),
      gradFunc: (dy, [sources, ownTokens, isMasked]) => {
        const own = tf.gather(dy, ownTokens as tf.Tensor1D); // [B*(V+1), w]
        const perImage = tf.reshape(tf.mul(dy, isMasked), [batch, tokens, dy.shape[1]!]);
        const dx = tf.concat([tf.sum(perImage, 0), own], 0);
        return [dx, tf.zerosLike(sources), tf.zerosLike(ownTokens), tf.zerosLike(isMasked)];
      },
    };
  });
}

/**
 * The shared rows of the masked tokens of all images: [N+1, w] to [B*M, w]. The gradient is summed as in `allTokens`.
 */
export function maskedTokens(shared: tf.Tensor, { maskedPlaces, maskedInverse }: TokenRows, batch: number): tf.Tensor {
  return withGradient([shared, maskedPlaces, maskedInverse], (save, shared, places, inverse) => {
    save([places, inverse]);
    return {
      value: tf.gather(shared, places as tf.Tensor1D),
      gradFunc: (dy, [places, inverse]) => {
        const width = dy.shape[1]!;
        const padded = tf.concat([dy, tf.zeros([1, width])], 0); // [B*M + 1, w]
        const full = tf.reshape(tf.gather(padded, inverse as tf.Tensor1D), [batch, inverse.size / batch, width]);
        return [tf.sum(full, 0), tf.zerosLike(places), tf.zerosLike(inverse)];
      },
    };
  });
}
