/** Which HOG of a picture is wanted. */
export interface PictureHogOptions {
  /** Width of the picture in pixels. */
  width: number;
  /** Height of the picture in pixels. */
  height: number;
  /** "localmim" unless given: LocalMIM's and ViTFreeze's target. "dmjd": that of DMJD. */
  form?: "localmim" | "dmjd";
  /**
   * Cell sizes in pixels, each a multiple of the smallest. Unless given the form's own, as far as they fit into the
   * picture: 4, 8, 16 and 32 for LocalMIM (ViT-B/16), 8 for DMJD.
   */
  cells?: readonly number[];
  /** Orientation bins over half a turn; 9 unless given, as in all papers. */
  bins?: number;
  /** Of form "dmjd" alone: whether mean and variance of every histogram are made 0 and 1, as its loss does. */
  whiten?: boolean;
}

/** The histograms of a picture at one cell size. */
export interface HogScale {
  /** Side of a cell in pixels. */
  cell: number;
  /** Cells from top to bottom. */
  rows: number;
  /** Cells from left to right. */
  columns: number;
  /** All histograms, [rows, columns, 3, bins]. */
  values: Float32Array;
  /**
   * One histogram, [bins].
   *
   * @param channel 0 red, 1 green, 2 blue
   * @throws {RangeError} for a place outside the picture
   */
  at(row: number, column: number, channel: number): Float32Array;
}

/** The HOG of a picture. */
export interface PictureHog {
  /** The part that was looked at, in pixels: the largest one in the middle that whole cells of every size fill. */
  box: { left: number; top: number; width: number; height: number };
  /** Orientation bins of a histogram. */
  bins: number;
  /** Direction of the edges that each bin counts, in radians counter-clockwise from the horizontal, in [0, pi). [bins] */
  edgeAngles: number[];
  /** The histograms by cell size, in the order of the cell sizes. */
  scales: HogScale[];
}
