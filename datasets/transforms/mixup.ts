/**
 * mixup (Zhang et al. 2018) of a batch with itself in reverse order, in place: x_i = lam * x_i + (1 - lam) * x_(B-1-i).
 *
 * @param images B images one after another
 * @param count B
 */
export function mixup(images: Float32Array, count: number, lam: number): void {
  const size = images.length / count;
  for (let i = 0; i < count >> 1; i++) {
    const a = i * size, b = (count - 1 - i) * size;
    for (let k = 0; k < size; k++) {
      const first = images[a + k], second = images[b + k];
      images[a + k] = lam * first + (1 - lam) * second;
      images[b + k] = lam * second + (1 - lam) * first;
    }
  }
}
