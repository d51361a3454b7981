import fc from "fast-check";
import { decodeImage } from "../../../datasets/imageFolder/decode.ts";
import { assertEqual, assertTrue } from "../../assert.ts";
import { mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

/** What a TIFF says of its samples. */
interface Samples {
  little: boolean;
  /** Offsets of 64 bits. */
  big: boolean;
  bits: number;
  /** 1 unsigned, 2 signed, 3 floating-point, 4 undefined, 6 complex. */
  format: number;
  samples: number;
  /** 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr, 8 Lab. */
  colours: number;
}

const WIDTH = 3, HEIGHT = 2;

/** An uncompressed TIFF of one strip, all of whose sample bytes are 100. */
export function tiff({ little, big, bits, format, samples, colours }: Samples): Uint8Array {
  const SHORT = 3, LONG = 4, strip = Math.ceil(WIDTH * samples * bits / 8) * HEIGHT;
  const head = big ? 16 : 8,
    bitsAt = head + strip,
    tags: [tag: number, type: number, count: number, value: number][] = [
      [256, SHORT, 1, WIDTH],
      [257, SHORT, 1, HEIGHT],
      [258, SHORT, samples, bits],
      [259, SHORT, 1, 1],
      [262, SHORT, 1, colours],
      [273, LONG, 1, head],
      [277, SHORT, 1, samples],
      [278, SHORT, 1, HEIGHT],
      [279, LONG, 1, strip],
      [339, SHORT, 1, format],
    ];
  const inline = (big ? 8 : 4) / 2, directory = bitsAt + (samples > inline ? 2 * samples : 0);
  const entry = big ? 20 : 12, bytes = new Uint8Array(directory + (big ? 8 : 2) + tags.length * entry + 8).fill(0);
  const view = new DataView(bytes.buffer);
  const long = (at: number, value: number) =>
    big ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
  bytes.set(little ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, big ? 43 : 42, little);
  if (big) view.setUint16(4, 8, little);
  long(big ? 8 : 4, directory);
  bytes.fill(100, head, head + strip);
  if (big) view.setBigUint64(directory, BigInt(tags.length), little);
  else view.setUint16(directory, tags.length, little);
  tags.forEach(([tag, type, count, value], k) => {
    const at = directory + (big ? 8 : 2) + k * entry, place = at + (big ? 12 : 8);
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    long(at + 4, count);
    if (count > inline) {
      long(place, bitsAt);
      for (let i = 0; i < count; i++) view.setUint16(bitsAt + 2 * i, value, little);
    } else if (type === LONG) view.setUint32(place, value, little);
    else for (let i = 0; i < count; i++) view.setUint16(place + 2 * i, value, little);
  });
  return bytes;
}

/** Samples and colours that belong together. */
const PICTURES = [[1, 1], [1, 0], [2, 1], [3, 2], [4, 2], [4, 5]];
const order = { little: fc.boolean(), big: fc.nat(9).map((k) => k === 0) };
/** Samples of every kind, and often those of a picture. */
const samples: fc.Arbitrary<Samples> = fc.oneof(
  fc.record({
    ...order,
    bits: fc.constantFrom(8, 8, 16, 12, 32, 64),
    format: fc.constantFrom(1, 1, 1, 2, 3, 6),
    samples: fc.constantFrom(1, 3, 4, 5, 13),
    colours: fc.constantFrom(1, 2, 0, 5, 6, 8),
  }),
  fc.constantFrom(...PICTURES).chain(([samples, colours]) =>
    fc.record({
      ...order,
      bits: fc.constantFrom(8, 16),
      format: fc.constant(1),
      samples: fc.constant(samples),
      colours: fc.constant(colours),
    })
  ),
);

/** Whether these samples are numbers that can be a picture. */
function isRead({ big, bits, format, samples, colours }: Samples): boolean {
  const most = colours === 5 ? 5 : 4;
  return !big && (bits === 8 || bits === 16) && format === 1 && samples <= most && [0, 1, 2, 5].includes(colours);
}

/** TIFF files of every kind of samples, then damaged. What is accepted whole holds numbers that are a picture, with their values. */
export const tiffs = fuzzReader("tiff", 2, () => ({
  inputs: fc.record({ kind: samples, mutant: fc.oneof(fc.constant(null), mutants(1)) }),
  async read({ kind, mutant }) {
    const whole = tiff(kind), damaged = mutant !== null && mutant.edits.length > 0;
    const decoding = decodeImage(damaged ? mutate([whole], mutant) : whole, "a.tif");
    const isPicture = PICTURES.some(([samples, colours]) => kind.samples === samples && kind.colours === colours);
    if (!damaged && isPicture && isRead(kind)) await decoding.catch(() => assertTrue(false, "a picture was refused"));
    const { pixels, width, height } = await decoding;
    assertEqual(pixels.length, width * height * 3);
    if (damaged) return;
    assertTrue(isRead(kind), "what is no picture was taken for one");
    assertEqual([width, height], [WIDTH, HEIGHT]);
    if (kind.colours === 1 || kind.colours === 2) assertTrue(pixels.every((value) => value === 100), `${pixels}`);
  },
}), true);
