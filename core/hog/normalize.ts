/** Smallest norm that is divided by, as in torch.nn.functional.normalize. */
const epsilon = 1e-12;

/**
 * Scales every run of `bins` numbers to L2 norm 1; a run of zeros stays zero.
 *
 * @param histogram [... * bins]
 * @param scale multiplied in first, e.g. 1 / (pixels per cell) for the mean over a cell
 * @param out where the result goes, from `outOffset` on
 */
export function l2Normalize(
  histogram: Float64Array,
  bins: number,
  scale: number,
  out: Float32Array,
  outOffset: number,
): void {
  for (let start = 0; start < histogram.length; start += bins) {
    let square = 0;
    for (let i = start; i < start + bins; i++) square += histogram[i] * histogram[i];
    const factor = scale / Math.max(Math.sqrt(square) * scale, epsilon);
    for (let i = start; i < start + bins; i++) out[outOffset + i] = histogram[i] * factor;
  }
}
