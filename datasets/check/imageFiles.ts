import { reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { decodeImage } from "../imageFolder/decode.ts";
import { folderHash } from "../imageFolder/folderSource.ts";
import { type ClassFiles, findLayout } from "../imageFolder/layout.ts";
import { mapInOrder } from "../imageFolder/mapInOrder.ts";
import { select } from "../imageFolder/selection.ts";
import type { FileEntry, ImageSource } from "../imageFolder/source.ts";
import type { FoundImage, Inspectable, SplitName } from "./found.ts";
import { unusableReason } from "./unusable.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";

/** Images in work at once. */
const AHEAD = 4 * navigator.hardwareConcurrency;

interface LabelledEntry extends FileEntry {
  split: SplitName;
  label: string;
}

/**
 * A folder or archive of image files, with a test split or without.
 *
 * @throws {UserError} when it cannot be listed or has no class folders
 */
export async function imageFiles(path: string, source: ImageSource, isFolder: boolean): Promise<Inspectable> {
  const listing = await source.list(), { train, test = new Map() } = findLayout(listing, path, true);
  const entries = [...labelled("train", train), ...labelled("test", test)].sort((a, b) => a.offset - b.offset);
  return {
    kind: isFolder ? "folder of images" : "archive of images",
    classes: [...new Set([...train.keys(), ...test.keys()])].sort(),
    length: entries.length,
    otherFiles: listing.files.length - entries.length,
    unusable: unusableReason(() => select(findLayout(listing, path, false), path, {})),
    images: () => {
      const { readOne } = source;
      return readOne
        ? mapInOrder(oneByOne(entries), AHEAD, (entry) => look(entry, () => readOne(entry)))
        : mapInOrder(source.readAll(entries), AHEAD, (bytes, i) => look(entries[i], () => Promise.resolve(bytes)));
    },
    identify: async (images) => {
      if (!isFolder) return await source.identify(() => Promise.resolve(entries));
      const hashes = images.flatMap(({ name, sha256 }) => sha256 === undefined ? [] : [{ path: name, sha256 }]);
      return hashes.length === images.length ? folderHash(hashes) : undefined;
    },
  };
}

function labelled(split: SplitName, classes: ClassFiles): LabelledEntry[] {
  return [...classes].flatMap(([label, files]) => files.map((file) => ({ ...file, split, label })));
}

async function* oneByOne(entries: readonly LabelledEntry[]): AsyncGenerator<LabelledEntry> {
  yield* entries;
}

/** Reads, hashes and decodes one file; what goes wrong becomes a part of the answer. */
async function look({ split, label, path }: LabelledEntry, read: () => Promise<Uint8Array>): Promise<FoundImage> {
  const image = { split, label, name: path, width: 0, height: 0 };
  let bytes: Uint8Array;
  try {
    bytes = await read();
  } catch (error) {
    return { ...image, broken: reason(error).split(": ").at(-1) };
  }
  const sha256 = sha256Of(bytes);
  try {
    const { width, height } = await decodeImage(bytes, path);
    return { ...image, sha256, width, height };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const found = error.message.slice(`Cannot read image ${path}: `.length);
    return { ...image, sha256, broken: found.replace(/, want a whole .*$/, "") };
  }
}
