import sharp from "sharp";
import { decodeImage } from "../datasets/imageFolder/decode.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

/** A little-endian TIFF of one strip: tags of two bytes each beside those of the strip. */
function tiff(tags: Record<number, number>, data: number[]): Uint8Array {
  const own = { 256: 2, 257: 1, 259: 1, 273: 0, 278: 1, 279: data.length, ...tags };
  const entries = Object.entries(own).map(([tag, value]) => [Number(tag), value]).sort(([a], [b]) => a - b);
  const start = 10 + 12 * entries.length + 4, view = new DataView(new ArrayBuffer(start + data.length));
  [0x4949, 42, 8, 0, entries.length].forEach((value, k) => view.setUint16(2 * k, value, true));
  entries.forEach(([tag, value], k) => {
    [tag, 3, 1, 0, tag === 273 ? start : value].forEach((part, n) => view.setUint16(10 + 12 * k + 2 * n, part, true));
  });
  const bytes = new Uint8Array(view.buffer);
  bytes.set(data, start);
  return bytes;
}

Deno.test("decodeImage() gives the pixels that PIL gives of files with an embedded colour profile", async () => {
  // Written and read with Pillow 13, convert("RGB"), by its own lossless decoders and libjpeg-turbo; the profile has a gamma
  // of 1.75, which would change every value but 0 and 255.
  const files: [string, string, number[]][] = [
    [
      "grey PNG",
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAeGlDQ1BJQ0MgUHJvZmlsZQAAeJxjYGDUYAACJgEGhty8kiL3IMfIiMgoBQYk" +
      "kJhcXMCAF3y7xsAIoi/r4leHFTCnpBYnA+kVQBxTXlJQwsDAyAJki2SHBDkD2RJAtgBUDdip6WRYgg8g/IvwR3JpURlUmpHxAAMDAPGNF1z6" +
      "9zRNAAAAEElEQVR4nGPkMjJiWHDpFwAG+gLc55SHvAAAAABJRU5ErkJggg==",
      [10, 10, 10, 60, 60, 60, 110, 110, 110, 160, 160, 160, 210, 210, 210, 250, 250, 250],
    ],
    [
      "grey JPEG",
      "/9j/4AAQSkZJRgABAQAAAQABAAD/4gE4SUNDX1BST0ZJTEUAAQEAAAEoAAAAAAIQAABtbnRyR1JBWVhZWiAAAAAAAAAAAAAAAABhY3NwAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
      "AAAAAAAAAANkZXNjAAAAqAAAAFx3dHB0AAABBAAAABRrVFJDAAABGAAAABBkZXNjAAAAAAAAAAJnAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFhZWiAAAAAAAAD21gABAAAAANMtY3VydgAA" +
      "AAAAAAABAcAAAP/bAEMAAwICAwICAwMDAwQDAwQFCAUFBAQFCgcHBggMCgwMCwoLCw0OEhANDhEOCwsQFhARExQVFRUMDxcYFhQYEhQVFP/A" +
      "AAsIAAIAAwEBEQD/xAAfAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgv/xAC1EAACAQMDAgQDBQUEBAAAAX0BAgMABBEFEiExQQYTUWEH" +
      "InEUMoGRoQgjQrHBFVLR8CQzYnKCCQoWFxgZGiUmJygpKjQ1Njc4OTpDREVGR0hJSlNUVVZXWFlaY2RlZmdoaWpzdHV2d3h5eoOEhYaHiImK" +
      "kpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4eLj5OXm5+jp6vHy8/T19vf4+fr/2gAIAQEAAD8A+6/hP8HP" +
      "AK/Djw+B4H8NgfZV4Gk2/v8A7Ff/2Q==",
      [11, 11, 11, 63, 63, 63, 107, 107, 107, 158, 158, 158, 210, 210, 210, 251, 251, 251],
    ],
    [
      "grey TIFF",
      "SUkqAAgAAAAKAAABBAABAAAAAwAAAAEBBAABAAAAAgAAAAIBAwABAAAACAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAArgEA" +
      "ABYBBAABAAAAAgAAABcBBAABAAAABgAAABwBAwABAAAAAQAAAHOHBwAoAQAAhgAAAAAAAAAAAAEoAAAAAAIQAABtbnRyR1JBWVhZWiAAAAAA" +
      "AAAAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAANkZXNjAAAAqAAAAFx3dHB0AAABBAAAABRrVFJDAAABGAAAABBkZXNjAAAAAAAAAAJnAAAAAAAAAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFhZWiAAAAAAAAD2" +
      "1gABAAAAANMtY3VydgAAAAAAAAABAcAAAAo8bqDS+g==",
      [10, 10, 10, 60, 60, 60, 110, 110, 110, 160, 160, 160, 210, 210, 210, 250, 250, 250],
    ],
    [
      "RGB PNG",
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAuWlDQ1BJQ0MgUHJvZmlsZQAAeJxjYGA8wAAETAIMDLl5JUVB7k4KEZFRCgxI" +
      "IDG5uIABL/h2jYERRF/Wxa8OK+BISS1OBtJPgDimvKSghIGB0QHIFikCOgTIDgGx0yHsDBA7CcKuAasJCXIGsicA2QLpEPYCEDsJwt4AYkPN" +
      "B3sznQwH4gOIsEKEAUJsjigDg/8SBgaWfwgxk34GhgV6DAz80xFiakZAZwLF9s1LLi0qgxrNCIoZQnwAT80x7IsRZMIAAAAWSURBVHicYzhh" +
      "ZMRV8YEhKirqF1cTACOaBTOFYT3+AAAAAElFTkSuQmCC",
      [200, 50, 50, 10, 120, 240, 90, 90, 90, 250, 10, 130],
    ],
    [
      "RGB TIFF",
      "SUkqAAgAAAALAAABBAABAAAAAgAAAAEBBAABAAAAAgAAAAIBAwADAAAAkgAAAAMBAwABAAAAAQAAAAYBAwABAAAAAgAAABEBBAABAAAAWAIA" +
      "ABUBAwABAAAAAwAAABYBBAABAAAAAgAAABcBBAABAAAADAAAABwBAwABAAAAAQAAAHOHBwDAAQAAmAAAAAAAAAAIAAgACAAAAAHAAAAAAAIQ" +
      "AABtbnRyUkdCIFhZWiAAAAAAAAAAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9tYAAQAAAADTLQAAAAAAAAAAAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAhkZXNjAAAA5AAAAFx3dHB0AAABQAAAABRyWFlaAAABVAAAABRnWFla" +
      "AAABaAAAABRiWFlaAAABfAAAABRyVFJDAAABkAAAABBnVFJDAAABoAAAABBiVFJDAAABsAAAABBkZXNjAAAAAAAAAAJnAAAAAAAAAAAAAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFhZWiAAAAAAAAD21gAB" +
      "AAAAANMtWFlaIAAAAAAAAJwVAABPpAAABP5YWVogAAAAAAAANI8AAKAuAAAPl1hZWiAAAAAAAAAmMgAAEC4AAL6eY3VydgAAAAAAAAABAcAA" +
      "AGN1cnYAAAAAAAAAAQHAAABjdXJ2AAAAAAAAAAEBwAAAyDIyCnjwWlpa+gqC",
      [200, 50, 50, 10, 120, 240, 90, 90, 90, 250, 10, 130],
    ],
    [
      "RGB WebP",
      "UklGRhACAABXRUJQVlA4WAoAAAAgAAAAAQAAAQAASUNDUMABAAAAAAHAAAAAAAIQAABtbnRyUkdCIFhZWiAAAAAAAAAAAAAAAABhY3NwAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
      "AAAAAAAAAAhkZXNjAAAA5AAAAFx3dHB0AAABQAAAABRyWFlaAAABVAAAABRnWFlaAAABaAAAABRiWFlaAAABfAAAABRyVFJDAAABkAAAABBn" +
      "VFJDAAABoAAAABBiVFJDAAABsAAAABBkZXNjAAAAAAAAAAJnAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFhZWiAAAAAAAAD21gABAAAAANMtWFlaIAAAAAAAAJwVAABPpAAABP5YWVogAAAA" +
      "AAAANI8AAKAuAAAPl1hZWiAAAAAAAAAmMgAAEC4AAL6eY3VydgAAAAAAAAABAcAAAGN1cnYAAAAAAAAAAQHAAABjdXJ2AAAAAAAAAAEBwAAA" +
      "VlA4TCoAAAAvAUAAAB8gJEhD3RFmhATE/2qJJQZJAgFiR6cIHRLnP9oasMEFGiL6HwE=",
      [200, 50, 50, 10, 120, 240, 90, 90, 90, 250, 10, 130],
    ],
    [
      "RGB JPEG",
      "/9j/4AAQSkZJRgABAQAAAQABAAD/4gHQSUNDX1BST0ZJTEUAAQEAAAHAAAAAAAIQAABtbnRyUkdCIFhZWiAAAAAAAAAAAAAAAABhY3NwAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
      "AAAAAAAAAAhkZXNjAAAA5AAAAFx3dHB0AAABQAAAABRyWFlaAAABVAAAABRnWFlaAAABaAAAABRiWFlaAAABfAAAABRyVFJDAAABkAAAABBn" +
      "VFJDAAABoAAAABBiVFJDAAABsAAAABBkZXNjAAAAAAAAAAJnAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFhZWiAAAAAAAAD21gABAAAAANMtWFlaIAAAAAAAAJwVAABPpAAABP5YWVogAAAA" +
      "AAAANI8AAKAuAAAPl1hZWiAAAAAAAAAmMgAAEC4AAL6eY3VydgAAAAAAAAABAcAAAGN1cnYAAAAAAAAAAQHAAABjdXJ2AAAAAAAAAAEBwAAA" +
      "/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/9sAQwEDBAQFBAUJ" +
      "BQUJFA0LDRQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU/8AAEQgAAgACAwERAAIRAQMRAf/EAB8A" +
      "AAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHw" +
      "JDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeo" +
      "qaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/EAB8BAAMBAQEBAQEBAQEAAAAAAAABAgMEBQYHCAkK" +
      "C//EALURAAIBAgQEAwQHBQQEAAECdwABAgMRBAUhMQYSQVEHYXETIjKBCBRCkaGxwQkjM1LwFWJy0QoWJDThJfEXGBkaJicoKSo1Njc4OTpD" +
      "REVGR0hJSlNUVVZXWFlaY2RlZmdoaWpzdHV2d3h5eoKDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW" +
      "19jZ2uLj5OXm5+jp6vLz9PX29/j5+v/aAAwDAQACEQMRAD8A8njkfYvzHoO9ff4TMcbSw9OnTrSUVFJJSaSSWiSvsf2jknBvDOPyrC4vF5ZQ" +
      "qValOEpSlRpylKUopylKTi25Ntttttt3Z//Z",
      [197, 53, 42, 3, 125, 224, 91, 93, 79, 240, 11, 156],
    ],
  ];
  for (const [name, base64, wanted] of files) {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    assertTrue((await sharp(bytes).metadata()).hasProfile, `${name} has a profile`);
    assertEqual([name, ...(await decodeImage(bytes, name)).pixels], [name, ...wanted]);
  }
});

Deno.test("decodeImage() reads a TIFF's grey of 1 to 8 bits, and refuses by name the colours that it would get wrong", async () => {
  const pixels = async (tags: Record<number, number>, data: number[]) =>
    Array.from((await decodeImage(tiff(tags, data), "x")).pixels);
  // As Pillow 13 reads them with convert("RGB").
  assertEqual(await pixels({ 258: 8, 262: 0, 277: 1 }, [10, 60]), [245, 245, 245, 195, 195, 195]);
  assertEqual(await pixels({ 258: 4, 262: 1, 277: 1 }, [0x1f]), [17, 17, 17, 255, 255, 255]);
  assertEqual(await pixels({ 258: 2, 262: 1, 277: 1 }, [0b0110_0000]), [85, 85, 85, 170, 170, 170]);
  const refused = (tags: Record<number, number>, data: number[], want: RegExp) =>
    assertRejects(() => decodeImage(tiff(tags, data), "x"), want);
  await refused({ 258: 12, 262: 1, 277: 1 }, [0x10, 0x02, 0], /x: its samples are 12-bit numbers, want 8 or 16 bits$/);
  await refused({ 258: 8, 262: 8, 277: 3 }, [94, 102, 203, 1, 2, 3], /x: its colours are of kind 8, want grey, RGB,/);
  await refused(
    { 258: 8, 262: 6, 277: 3 },
    [94, 102, 203, 1, 2, 3],
    /x: its colours are YCbCr outside of a JPEG, want/,
  );
  const big = new Uint8Array([0x49, 0x49, 0x2b, 0, 8, 0, 0, 0]);
  await assertRejects(
    () => decodeImage(big, "x"),
    /^Cannot read image x: a BigTIFF, which is not read, want a whole JPEG/,
  );
  const red = sharp({ create: { width: 16, height: 16, channels: 3, background: { r: 200, g: 50, b: 50 } } });
  const [r, g, b] = (await decodeImage(new Uint8Array(await red.tiff({ compression: "jpeg" }).toBuffer()), "x")).pixels;
  // One colour survives a JPEG's rounding to within two levels.
  assertTrue(Math.abs(r - 200) < 3 && Math.abs(g - 50) < 3 && Math.abs(b - 50) < 3, `${[r, g, b]}`);
});

Deno.test("an image cut at every tenth byte is refused, or has all of its pixels", async () => {
  const noise = Uint8Array.from({ length: 24 * 20 * 3 }, (_, k) => (k * k * 7 + k * 13) % 251);
  const image = () => sharp(noise, { raw: { width: 24, height: 20, channels: 3 } });
  const whole = await Promise.all([
    ...[image().jpeg(), image().jpeg({ progressive: true }), image().toColourspace("cmyk").jpeg()],
    ...[image().png(), image().png({ palette: true }), image().png({ progressive: true }), image().gif()],
    ...[image().webp(), image().webp({ lossless: true }), image().tiff({ compression: "lzw" })],
    ...[image().tiff({ compression: "none" }), image().tiff({ compression: "jpeg" })],
  ].map(async (file) => new Uint8Array(await file.toBuffer())));
  const ppm = new Uint8Array([...new TextEncoder().encode("P6 24 20 255\n"), ...noise]);
  let refused = 0;
  for (const bytes of [...whole, ppm]) {
    const { pixels } = await decodeImage(bytes, "x");
    for (let length = 0; length < bytes.length; length += 10) {
      const found = await decodeImage(bytes.slice(0, length), "x").catch((error: Error) => error);
      if (found instanceof Error) {
        assertEqual(found.name, "UserError");
        refused++;
      } else assertEqual(found.pixels, pixels);
    }
  }
  // Only the end of a PNG or GIF, which holds no pixel, can be missing unseen.
  assertTrue(refused > 1000, `${refused} refused`);
});
