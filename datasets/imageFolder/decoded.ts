/** Decoded pixels, RGB u8, HWC [height, width, 3]. */
export interface Decoded {
  /** [height, width, 3] */
  pixels: Uint8Array;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
}
