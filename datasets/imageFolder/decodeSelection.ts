import { UserError } from "../../core/errors.ts";
import type { ImageRecord, Opened } from "./cache.ts";
import type { Selection } from "./selection.ts";
import type { ImageSource } from "./source.ts";
import { surveyImages } from "./survey.ts";

/**
 * Decodes the images in use when they fit the budget, and leaves out unreadable ones when they shall be skipped.
 *
 * @throws {UserError} naming an unreadable image, or a class that has none left
 */
export async function decodeSelection(
  source: ImageSource,
  { classes, train, test }: Selection,
  budgetBytes: number,
  skipBad: boolean,
): Promise<Opened> {
  const files = [...train, ...test];
  const { decoded, bad } = await surveyImages(source, files, budgetBytes, skipBad);
  const records = files.map((file, i): ImageRecord => ({
    ...file,
    width: decoded?.[i]?.width,
    height: decoded?.[i]?.height,
  }));
  const good = (_: unknown, i: number) => !bad.has(i);
  const opened = {
    classes,
    train: records.slice(0, train.length).filter(good),
    test: records.slice(train.length).filter((_, i) => good(_, train.length + i)),
    skipped: bad.size,
  };
  const lost = classes.find((_, label) => !opened.train.some((record) => record.label === label));
  if (lost) throw new UserError(`Cannot use ${source.path}: class ${lost} has no readable training image, want some`);
  return { ...opened, pixels: decoded && concatenate(decoded.map((image) => image?.pixels)) };
}

/** The given arrays, one behind the other. */
function concatenate(parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
  let at = 0;
  for (const part of parts) {
    if (!part) continue;
    all.set(part, at);
    at += part.length;
  }
  return all;
}
