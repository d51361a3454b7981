/** Lengths of a figure, in pixels; all follow from the side of a panel. */
export interface Layout {
  /** Side of a panel. */
  size: number;
  /** Font size, and height of a line. */
  font: number;
  line: number;
  /** Between panels of a group, and between groups. */
  gap: number;
  wideGap: number;
  /** Around the whole figure. */
  margin: number;
  /** Panels of each group, from left to right. */
  groups: readonly number[];
  /** From left to right, margins included. */
  width: number;
  /** Of one row with heading, titles, panels and captions. */
  rowHeight: number;
}

/** Lines of text above the panels of a row, and below them. */
export const LINES_ABOVE = 2, LINES_BELOW = 3;

/**
 * The groups of panels in a row: both inputs, then target and prediction of each stage; or, of several views, the input, what
 * they mask, and the target, then masked input and prediction of each view.
 */
export function groupsOf(stages: number, views: number): number[] {
  return views === 1 ? [2, ...new Array<number>(stages).fill(2)] : [3, ...new Array<number>(stages * views).fill(2)];
}

/**
 * The layout of rows.
 *
 * @param size side of a panel
 * @param groups panels of each group
 */
export function layOutRow(size: number, groups: readonly number[]): Layout {
  const font = Math.max(12, Math.round(size / 18)), line = Math.round(font * 1.4), gap = Math.round(size / 32);
  const wideGap = 3 * gap, margin = 2 * font;
  const widths = groups.map((panels) => groupWidth(panels, { size, gap }));
  return {
    size,
    font,
    line,
    gap,
    wideGap,
    margin,
    groups,
    width: 2 * margin + widths.reduce((sum, width) => sum + width, 0) + (groups.length - 1) * wideGap,
    rowHeight: size + (LINES_ABOVE + LINES_BELOW + 1) * line,
  };
}

/** Width of so many panels side by side. */
export function groupWidth(panels: number, { size, gap }: Pick<Layout, "size" | "gap">): number {
  return panels * size + (panels - 1) * gap;
}

/** Where the k-th group begins. */
export function groupStart({ groups, wideGap, ...layout }: Layout, k: number): number {
  return groups.slice(0, k).reduce((sum, panels) => sum + groupWidth(panels, layout) + wideGap, 0);
}
