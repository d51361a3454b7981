/**
 * Class targets of a batch whose images were mixed with the batch in reverse order:
 * y = lam * y_i + (1 - lam) * y_(B-1-i), where y_i is 1 - s + s/C at the label and s/C elsewhere (label smoothing s).
 *
 * @param labels [B]
 * @param classes C
 * @param labelSmoothing s, in [0, 1)
 * @param lam the share of each image's own label; 1 when nothing was mixed
 * @returns [B, C], rows sum to 1
 */
export function softTargets(labels: Int32Array, classes: number, labelSmoothing: number, lam = 1): Float32Array {
  const off = labelSmoothing / classes, rise = 1 - labelSmoothing;
  const targets = new Float32Array(labels.length * classes).fill(off);
  labels.forEach((label, i) => {
    targets[i * classes + label] += lam * rise;
    targets[i * classes + labels[labels.length - 1 - i]] += (1 - lam) * rise;
  });
  return targets;
}
