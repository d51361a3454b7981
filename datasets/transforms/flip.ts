/**
 * Mirrors an image left to right, in place.
 *
 * @param pixels RGB u8, HWC [rows, width, 3]
 */
export function flipHorizontal(pixels: Uint8Array, width: number): void {
  const rows = pixels.length / (width * 3);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width >> 1; x++) {
      const left = (y * width + x) * 3, right = (y * width + width - 1 - x) * 3;
      for (let c = 0; c < 3; c++) {
        const kept = pixels[left + c];
        pixels[left + c] = pixels[right + c];
        pixels[right + c] = kept;
      }
    }
  }
}
