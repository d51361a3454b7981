/** An image size that is not halved so many times without a rest: key, value found, value wanted. */
export function sidesFault(imageSize: number, halvings: number): string | undefined {
  const divisor = 2 ** halvings;
  return imageSize % divisor
    ? `imageSize ${imageSize}: want a multiple of ${divisor} pixels, which the network halves ${halvings} times`
    : undefined;
}
