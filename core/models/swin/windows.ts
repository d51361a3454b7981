import type { SwinStage } from "./config.ts";

/** What two tokens of one window get that are not neighbours in the image, as the moved windows wrap around it (released code). */
const APART = -100;

/**
 * Where the tokens of windows come from in an image, by window, row and column; moved windows begin `shift` rows and columns
 * later and wrap around.
 *
 * @returns [grid^2]: places in raster order
 */
export function windowOrder({ grid, window }: SwinStage, shift: number): Int32Array {
  const across = grid / window, order = new Int32Array(grid * grid);
  for (let k = 0; k < order.length; k++) {
    const inside = k % (window * window), which = Math.floor(k / (window * window));
    const row = Math.floor(which / across) * window + Math.floor(inside / window);
    const column = (which % across) * window + inside % window;
    order[k] = (row + shift) % grid * grid + (column + shift) % grid;
  }
  return order;
}

/** An order of one image's tokens as one of a batch's rows. */
export function ofBatch(order: Int32Array, batch: number): Int32Array {
  return Int32Array.from({ length: batch * order.length }, (_, k) => {
    return Math.floor(k / order.length) * order.length + order[k % order.length];
  });
}

/**
 * What is added to the scores of moved windows, so that only neighbours attend to each other: 0 or -100.
 *
 * @returns [windows, window^2, window^2]
 */
export function apartMask(stage: SwinStage, shift: number): Float32Array {
  const { grid, window } = stage, size = window * window, mask = new Float32Array(grid * grid * size);
  // Places before the wrap, in the last window before it, and behind it.
  const part = (at: number) => at < grid - window ? 0 : at < grid - shift ? 1 : 2;
  const region = [...windowOrder(stage, 0)].map((place) => part(Math.floor(place / grid)) * 3 + part(place % grid));
  for (let a = 0; a < region.length; a++) {
    const first = a - a % size;
    for (let b = 0; b < size; b++) mask[a * size + b] = region[a] === region[first + b] ? 0 : APART;
  }
  return mask;
}
