/** Accuracies after one epoch. */
export interface Epoch {
  trainAccuracy: number;
  testAccuracy: number;
}

/**
 * Fits a multinomial logistic regression on raw pixels with AdaGrad, batches of 50 in order.
 *
 * @param train images of equal size, u8
 * @returns the accuracies after every epoch
 */
export function fitSoftmax(
  train: Uint8Array[],
  trainLabels: Int32Array,
  test: Uint8Array[],
  testLabels: Int32Array,
  classes: number,
  epochs: number,
): Epoch[] {
  const size = train[0].length, weights = new Float32Array(classes * size), bias = new Float64Array(classes);
  const scale = (images: Uint8Array[]) => images.map((image) => Float32Array.from(image, (v) => v / 127.5 - 1));
  const x = scale(train), held = scale(test), squares = new Float32Array(classes * size).fill(1e-8);
  const scores = (image: Float32Array) =>
    bias.map((b, c) => b + dot(weights.subarray(c * size, (c + 1) * size), image));
  const accuracy = (images: Float32Array[], labels: Int32Array) =>
    images.filter((image, i) => argmax(scores(image)) === labels[i]).length / images.length;
  const curve: Epoch[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let start = 0; start < x.length; start += 50) {
      const gradient = new Float32Array(classes * size), batch = x.slice(start, start + 50);
      batch.forEach((image, i) => {
        softmax(scores(image)).forEach((p, c) => {
          const error = (p - (c === trainLabels[start + i] ? 1 : 0)) / batch.length, row = c * size;
          for (let k = 0; k < size; k++) gradient[row + k] += error * image[k];
        });
      });
      for (let k = 0; k < gradient.length; k++) {
        squares[k] += gradient[k] ** 2;
        weights[k] -= 2e-3 * gradient[k] / Math.sqrt(squares[k]);
      }
    }
    curve.push({ trainAccuracy: accuracy(x, trainLabels), testAccuracy: accuracy(held, testLabels) });
  }
  return curve;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

function argmax(values: Float64Array): number {
  return values.indexOf(Math.max(...values));
}

function softmax(scores: Float64Array): Float64Array {
  const top = Math.max(...scores), powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((total, power) => total + power);
  return powers.map((power) => power / sum);
}
