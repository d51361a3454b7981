/**
 * Direction of the edges that a bin of LocalMIM's histogram counts, in radians counter-clockwise from the horizontal.
 *
 * Bin b holds gradients at b … b + 1 bins from the vertical (`exactOrientationBin`), and an edge is at right angles to its
 * gradient: a vertical gradient is a horizontal edge. The middle of the bin stands for all of it, so with 9 bins an
 * exactly horizontal edge (bin 0, 0 to 20 degrees) is drawn at 10 degrees, an exactly vertical one (bin 4) at 90.
 */
export function edgeAngle(bin: number, bins: number): number {
  return (bin + 0.5) * Math.PI / bins;
}

/** The same for a bin of DMJD's histogram, which is counted from the horizontal gradient, clockwise. */
function dmjdEdgeAngle(bin: number, bins: number): number {
  const angle = Math.PI / 2 - edgeAngle(bin, bins);
  return angle < 0 ? angle + Math.PI : angle;
}

/** Whose histograms: LocalMIM's, which MaskFeat's are too, or DMJD's. */
export type HogForm = "localmim" | "dmjd";

/** The directions of the edges that the bins of a histogram count, [bins]. */
export function edgeAngles(form: HogForm, bins: number): number[] {
  const angle = form === "dmjd" ? dmjdEdgeAngle : edgeAngle;
  return Array.from({ length: bins }, (_, bin) => angle(bin, bins));
}
