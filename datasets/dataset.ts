/**
 * A rectangle of an image that is resampled to a square, in pixels of the image; it may be fractional.
 *
 * Two orders of cutting and resizing exist, and they differ at the border. Cutting first (training crops, torchvision
 * RandomResizedCrop) lets the filter see pixels of the box only; the box must then be whole pixels. With `resizeFirst`
 * (evaluation, torchvision Resize then CenterCrop) the filter also sees the pixels around the box.
 */
export interface CropBox {
  /** Distance from the left edge. */
  left: number;
  /** Distance from the upper edge. */
  top: number;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Whether the filter sees the pixels around the box, too. */
  resizeFirst?: boolean;
}

/** One image of a split at its native size. */
export interface SourceImage {
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /**
   * Cuts a box out and resizes it to a square: bicubic (a = -0.5), antialiased when it shrinks, rounded to u8.
   *
   * @param box the part to keep
   * @param size side of the result in pixels
   * @returns RGB u8, HWC [size, size, 3]
   */
  crop(box: CropBox, size: number): Uint8Array | Promise<Uint8Array>;
}

/** The images of one split, by index. */
export interface ImageSplit {
  /** Number of images. */
  readonly length: number;
  /** The class of every image, an index into the data set's `classes`. [length] */
  readonly labels: Int32Array;
  /** Place of every image in the published order, where there is one. [length] */
  readonly published?: Int32Array;
  /**
   * Reads one image; the same index gives the same image.
   *
   * @throws {UserError} when the image turns out to be unreadable
   */
  load(index: number): SourceImage | Promise<SourceImage>;
}

/** A labelled image data set with a training and a test split. */
export interface ImageDataset {
  /** For messages and records: the last part of the path, or "procedural". */
  name: string;
  /** Class names, sorted; a label is an index into them. */
  classes: string[];
  /** Images to train on. */
  train: ImageSplit;
  /** Images to evaluate on; may be empty. */
  test: ImageSplit;
  /**
   * SHA-256 (hex) that identifies the data: of the archive's bytes; of the sorted list of used files with their content
   * hashes for a folder; of the generator's parameters and version for procedural data.
   */
  sha256: string;
  /** How many unreadable images were left out (only with `skipBad`). */
  skipped: number;
}
