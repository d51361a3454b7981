import sharp from "sharp";
import { decodeImage } from "../../../datasets/imageFolder/decode.ts";
import { assertEqual, assertTrue } from "../../assert.ts";
import { mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

/** Small images of every format, and two files of formats that are none of ours. */
export async function imageSamples(): Promise<Uint8Array[]> {
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  const create = (channels: 3 | 4) =>
    sharp({ create: { width: 20, height: 12, channels, background: "grey", ...(channels === 3 && { noise }) } });
  const encoded = [
    create(3).jpeg(),
    create(3).jpeg({ progressive: true, chromaSubsampling: "4:4:4" }),
    create(3).toColourspace("cmyk").jpeg(),
    create(3).withExif({ IFD0: { Copyright: "nobody" } }).jpeg(),
    create(3).png(),
    create(4).png({ palette: true }),
    create(3).toColourspace("rgb16").png({ progressive: true }),
    create(4).webp(),
    create(3).gif(),
    create(3).tiff({ compression: "lzw" }),
  ];
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>';
  return [
    ...await Promise.all(encoded.map((image) => image.toBuffer())),
    await create(3).avif({ effort: 0 }).toBuffer(),
    new TextEncoder().encode(svg),
  ];
}

/** Image files. What is accepted must be three channels of the size it states. */
export const images = fuzzReader("images", 4, async () => {
  const samples = await imageSamples();
  return {
    inputs: mutants(samples.length),
    async read(mutant) {
      const { pixels, width, height } = await decodeImage(mutate(samples, mutant), "a.jpg");
      assertEqual(pixels.length, width * height * 3);
      assertTrue(mutant.edits.length > 0 || mutant.sample < 10, "a format that is not wanted was decoded");
    },
  };
});
