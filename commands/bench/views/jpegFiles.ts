import { basename, join } from "node:path";
import { shortPath } from "../../../cli/files.ts";
import { UserError } from "../../../core/errors.ts";
import { decodeImage } from "../../../datasets/imageFolder/decode.ts";
import { openSource } from "../../../datasets/imageFolder/openSource.ts";
import type { SeveralViews } from "../model.ts";

const JPEG = /\.jpe?g$/i;

/** JPEG files behind one another in one file, from which each is read by itself. */
export interface JpegFiles {
  about: SeveralViews["jpegs"][number];
  /** The bytes of the k-th file; behind the last one the first comes again. */
  read(k: number): Promise<Uint8Array>;
}

/**
 * Takes JPEGs out of a folder or archive and lays them into one file, as an uncompressed archive holds them.
 *
 * @param most how many to take; they are spread over all there are
 * @param to the folder of the file
 * @throws {UserError} when there is none, or one of them cannot be decoded
 */
export async function packJpegs(path: string, most: number, to: string): Promise<JpegFiles> {
  const source = await openSource(path), { files } = await source.list();
  const found = files.filter(({ path, broken }) => JPEG.test(path) && broken === undefined);
  if (found.length === 0) throw new UserError(`Cannot use ${shortPath(path)}: it holds no JPEG, want some`);
  const count = Math.min(most, found.length);
  const chosen = Array.from({ length: count }, (_, k) => found[Math.floor(k * found.length / count)])
    .sort((a, b) => a.offset - b.offset);
  const pack = join(to, `${basename(path)}.pack`), places: { offset: number; size: number }[] = [];
  let offset = 0, pixels = 0;
  {
    using file = await Deno.open(pack, { write: true, create: true, truncate: true });
    for await (const bytes of source.readAll(chosen)) {
      const { width, height } = await decodeImage(bytes, chosen[places.length].path);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      places.push({ offset, size: bytes.length });
      offset += bytes.length;
      pixels += width * height;
    }
  }
  return {
    about: { name: basename(path), files: count, bytes: offset / count, pixels: pixels / count },
    async read(k) {
      const { offset, size } = places[k % count], bytes = new Uint8Array(size);
      using file = await Deno.open(pack);
      await file.seek(offset, Deno.SeekMode.Start);
      for (let at = 0; at < size;) at += await file.read(bytes.subarray(at)) ?? size;
      return bytes;
    },
  };
}
