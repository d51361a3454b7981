import type { Decoded } from "./decoded.ts";
import { PixelFault } from "./pixelFault.ts";

/** Kinds of files: the number behind the P. Bitmaps (1 and 4) are not among torchvision's endings. */
const KINDS: Readonly<Record<string, { channels: 1 | 3; isText: boolean }>> = {
  P2: { channels: 1, isText: true },
  P3: { channels: 3, isText: true },
  P5: { channels: 1, isText: false },
  P6: { channels: 3, isText: false },
};
/** The largest sample of 16 bits. */
const MOST = 65_535;

/** Whether a file begins like a PGM or PPM. */
export function isPnm(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && String.fromCharCode(bytes[0], bytes[1]) in KINDS && isSpace(bytes[2]);
}

/**
 * Decodes a PGM or PPM file of 8 or 16 bits, as text or binary; samples are scaled to 0 … 255.
 *
 * @param most pixels that are decoded
 * @throws {PixelFault} when its header is none, it is truncated or too large
 */
export function decodePnm(bytes: Uint8Array, most: number): Decoded {
  const { channels, isText } = KINDS[String.fromCharCode(bytes[0], bytes[1])], text = new Numbers(bytes, 2);
  const [width, height, white] = [text.next(), text.next(), text.next()];
  if (width < 1 || height < 1 || white < 1 || white > MOST) {
    throw new PixelFault(`a PNM of ${width} x ${height} pixels and a white of ${white}`);
  }
  if (width * height > most) throw new PixelFault(`it has ${width} x ${height} pixels, want at most ${most}`);
  const count = width * height * channels, step = white > 255 ? 2 : 1, start = text.at + 1;
  if (!isText && start + count * step > bytes.length) throw new PixelFault(`truncated PNM at byte ${bytes.length}`);
  const sample = (k: number) => {
    if (isText) return text.next();
    return step === 1 ? bytes[start + k] : bytes[start + 2 * k] << 8 | bytes[start + 2 * k + 1];
  };
  const pixels = new Uint8Array(width * height * 3);
  for (let k = 0; k < count; k++) {
    const value = Math.min(255, Math.round(sample(k) * 255 / white));
    if (channels === 3) pixels[k] = value;
    else pixels.fill(value, 3 * k, 3 * k + 3);
  }
  return { pixels, width, height };
}

/** Whole numbers with blanks and comments between them. */
class Numbers {
  constructor(private readonly bytes: Uint8Array, public at: number) {}

  next(): number {
    const { bytes } = this;
    while (isSpace(bytes[this.at]) || bytes[this.at] === 0x23) {
      if (bytes[this.at] === 0x23) { while (this.at < bytes.length && bytes[this.at] !== 0x0a) this.at++; }
      this.at++;
    }
    let value = 0, digits = 0;
    for (let digit; (digit = bytes[this.at] - 0x30) >= 0 && digit <= 9; this.at++, digits++) value = value * 10 + digit;
    if (this.at >= bytes.length && digits === 0) throw new PixelFault(`truncated PNM at byte ${bytes.length}`);
    if (digits === 0 || digits > 9) throw new PixelFault(`a PNM without a number at byte ${this.at}`);
    return value;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
