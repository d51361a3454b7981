/**
 * A mask on the grid of an output stage: repeated for a finer grid, averaged for a coarser one, where a cell that is
 * partly visible gets a fractional weight (LocalMIM, Wang et al. 2023, in the form of the released code).
 *
 * @param mask [grid * grid], 1 = masked
 * @param grid tokens per side, e.g. 14
 * @param scale output cells per token and side: a whole number (4, 2, 1), or one over a divisor of the grid (0.5)
 * @returns [(grid * scale) ** 2]
 * @throws {RangeError} when the mask is not grid * grid or the scale fits neither way
 */
export function poolMask(mask: ArrayLike<number>, grid: number, scale: number): Float32Array {
  if (mask.length !== grid * grid) {
    throw new RangeError(`Cannot pool a mask of ${mask.length} tokens: want ${grid} x ${grid}`);
  }
  const repeat = Math.max(scale, 1), window = Math.round(1 / Math.min(scale, 1));
  if (!(scale > 0 && Number.isInteger(repeat) && (scale >= 1 || 1 / window === scale) && grid % window === 0)) {
    throw new RangeError(
      `Cannot scale a ${grid} x ${grid} mask by ${scale}: want a whole number or one over a divisor`,
    );
  }
  const side = grid * repeat / window, pooled = new Float32Array(side * side);
  for (let y = 0; y < grid * repeat; y++) {
    for (let x = 0; x < grid * repeat; x++) {
      const token = Math.floor(y / repeat) * grid + Math.floor(x / repeat);
      pooled[Math.floor(y / window) * side + Math.floor(x / window)] += mask[token] / (window * window);
    }
  }
  return pooled;
}
