/** Lengths of a figure, in pixels; all follow from the side of a panel. */
export interface Layout {
  /** Side of a panel. */
  size: number;
  /** Font size, and height of a line. */
  font: number;
  line: number;
  /** Between target and prediction of a stage, and between stages. */
  gap: number;
  wideGap: number;
  /** Around the whole figure. */
  margin: number;
  /** From left to right, margins included. */
  width: number;
  /** Of one row with heading, titles, panels and captions. */
  rowHeight: number;
}

/** Lines of text above the panels of a row, and below them. */
export const LINES_ABOVE = 2, LINES_BELOW = 3;

/**
 * The layout of rows with `stages` pairs of panels beside the two inputs.
 *
 * @param size side of a panel
 */
export function layOutRow(size: number, stages: number): Layout {
  const font = Math.max(12, Math.round(size / 18)), line = Math.round(font * 1.4), gap = Math.round(size / 32);
  const wideGap = 3 * gap, margin = 2 * font, pairs = stages + 1;
  return {
    size,
    font,
    line,
    gap,
    wideGap,
    margin,
    width: 2 * margin + pairs * (2 * size + gap) + stages * wideGap,
    rowHeight: size + (LINES_ABOVE + LINES_BELOW + 1) * line,
  };
}
