import { reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { readAnnotations } from "../imageFolder/annotations.ts";
import { decodeImage } from "../imageFolder/decode.ts";
import { folderHash } from "../imageFolder/folderSource.ts";
import { faultsOf, findLayout, leftOut } from "../imageFolder/layout.ts";
import { mapInOrder } from "../imageFolder/mapInOrder.ts";
import { select } from "../imageFolder/selection.ts";
import type { ClassFiles, FileEntry, ImageSource } from "../imageFolder/source.ts";
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
  const listing = await source.list(), labels = await readAnnotations(source, listing);
  const layout = findLayout(listing, path, true, labels), { train, test = new Map(), annotations, unlabelled } = layout;
  const [fault] = faultsOf(listing);
  const entries = [...labelled("train", train), ...labelled("test", test)].sort((a, b) => a.offset - b.offset);
  return {
    kind: `${isFolder ? "folder" : "archive"} of images${annotations ? " as in Tiny-ImageNet" : ""}`,
    classes: [...new Set([...train.keys(), ...test.keys()])].sort(),
    length: entries.length,
    files: entries.length,
    leftOut: leftOut(listing, layout),
    unlabelled: unlabelled ?? null,
    unusable: fault
      ? `Cannot read ${path}/${fault.path}: ${fault.broken}, want it whole, or --skip-bad`
      : unusableReason(() => select(findLayout(listing, path, false, labels), path, {})),
    images: async function* () {
      const { readOne } = source, whole = entries.filter(({ broken }) => broken === undefined);
      for (const { split, label, path, broken } of entries) {
        if (broken !== undefined) yield { split, label, name: path, width: 0, height: 0, broken };
      }
      yield* readOne
        ? mapInOrder(oneByOne(whole), AHEAD, (entry) => look(entry, () => readOne(entry)))
        : mapInOrder(source.readAll(whole), AHEAD, (bytes, i) => look(whole[i], () => Promise.resolve(bytes)));
    },
    identify: async (images) => {
      if (!isFolder) return await source.identify(() => Promise.resolve(entries));
      const hashes = images.flatMap(({ name, sha256 }) => sha256 === undefined ? [] : [{ path: name, sha256 }]);
      if (hashes.length < images.length) return undefined;
      const labelHash = annotations && { path: annotations.path, sha256: sha256Of(labels!.bytes) };
      return folderHash(labelHash ? [...hashes, labelHash] : hashes);
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
