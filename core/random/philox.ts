const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers, by halves whose sums all fit into 32 bits. */
function mulHigh(a: number, b: number): number {
  const aHigh = a >>> 16, aLow = a & 0xffff, bHigh = b >>> 16, bLow = b & 0xffff;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 *
 * The same counter and key give the same four words on every machine, so a stream can be entered at any position and
 * nothing has to be saved to resume it.
 *
 * @param out is given four uniformly distributed unsigned 32-bit words: one array for many draws spares one for each four
 * @param counter0 the first of the counter's four words, 32 bits each
 * @param key0 the first of the key's two words, 32 bits each
 */
export function philoxInto(
  out: number[],
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
): void {
  let x0 = counter0 | 0, x1 = counter1 | 0, x2 = counter2 | 0, x3 = counter3 | 0;
  let k0 = key0 | 0, k1 = key1 | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, x0), low0 = Math.imul(M0, x0);
    const high1 = mulHigh(M1, x2), low1 = Math.imul(M1, x2);
    x0 = high1 ^ x1 ^ k0;
    x1 = low1;
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  out[0] = x0 >>> 0;
  out[1] = x1 >>> 0;
  out[2] = x2 >>> 0;
  out[3] = x3 >>> 0;
}
