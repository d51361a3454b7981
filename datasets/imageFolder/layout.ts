import { UserError } from "../../core/errors.ts";
import { someNames } from "../classes/someNames.ts";
import { annotatedFiles, type Annotations } from "./annotations.ts";
import { type ClassFiles, type FileEntry, fileName, type LeftOut, type Listing } from "./source.ts";

/** The splits found in a folder or archive; `test` is absent only where that is allowed. */
export interface Layout {
  train: ClassFiles;
  test?: ClassFiles;
  /** The file that says the classes of the test images; absent where their folders do. */
  annotations?: FileEntry;
  /** The images of test/ where it has no labels and val/ is used: the folder, and how many. */
  unlabelled?: { folder: string; images: number };
}

/** What images end in: as torchvision's ImageFolder reads them, and .jfif and .gif. */
const IMAGE = /\.(jpe?g|jfif|png|webp|gif|tiff?|bmp|p[pg]m)$/i;
const WANTED = "want train/<class>/<image> and test/ or val/ of the same form";

/**
 * Finds train/ and test/ (or val/) with one folder per class, at the top or inside one folder that holds everything.
 * Files and folders whose names start with a dot, and files that do not end like an image, are passed over. The images of val/ may also lie in one
 * folder, with their classes in a file, as those of Tiny-ImageNet do.
 *
 * @param where the path, for messages
 * @param allowTrainOnly accept class folders without a test split, under train/ or at the top
 * @param annotations the file of classes, where there is one
 * @throws {UserError} when the splits are not there
 */
export function findLayout(
  { files, folders }: Listing,
  where: string,
  allowTrainOnly: boolean,
  annotations?: Annotations,
): Layout {
  const images = files.filter(({ path }) => IMAGE.test(path) && !isHidden(path));
  if (images.length === 0) {
    throw new UserError(`Cannot open ${where}: found ${files.length} files but no images, ${WANTED}`);
  }
  const top = topFolders(folders), all = new Set(folders);
  const root = all.has("train") ? "" : top.find((name) => all.has(`${name}/train`));
  if (root === undefined) {
    if (allowTrainOnly) return { train: classFiles(images, folders, "", where) };
    throw new UserError(`Cannot open ${where}: found ${someNames(top, "folders at the top")} but no train/, ${WANTED}`);
  }
  const prefix = root && `${root}/`;
  const train = classFiles(images, folders, `${prefix}train/`, where);
  const tests = ["test", "val"].filter((name) => all.has(prefix + name)).map((name) => `${prefix}${name}/`);
  if (tests.length === 0) {
    if (allowTrainOnly) return { train };
    throw new UserError(`Cannot open ${where}: found train/ but neither test/ nor val/, ${WANTED}`);
  }
  const isLabelled = (split: string) => folders.some((path) => path.startsWith(split) && train.has(fileName(path)));
  const labelled = tests.find(isLabelled), val = `${prefix}val/`;
  const labels = !labelled && annotations?.file.path.startsWith(val) ? annotations : undefined;
  const used = labelled ?? (labels ? val : tests[0]);
  const left = used === val ? images.filter(({ path }) => path.startsWith(`${prefix}test/`)).length : 0;
  return {
    train,
    test: labels ? annotatedFiles(images, val, labels, where) : classFiles(images, folders, used, where),
    ...(labels && { annotations: labels.file }),
    ...(left > 0 && { unlabelled: { folder: `${prefix}test/`, images: left } }),
  };
}

/** Whether a path's own name, or that of a folder that it lies in, starts with a dot. */
export function isHidden(path: string): boolean {
  return path.startsWith(".") || path.includes("/.");
}

/** What may hold images and cannot be looked into: it is used by nobody, and no training may pass it over unsaid. */
export function faultsOf({ files }: Listing): FileEntry[] {
  return files.filter(({ path, broken }) => broken !== undefined && !IMAGE.test(path) && !isHidden(path));
}

/** Everything that is not among the images of a layout, each under its reason. */
export function leftOut({ files, left }: Listing, { train, test, annotations, unlabelled }: Layout): LeftOut[] {
  const used = new Set([...train.values(), ...test?.values() ?? []].flat().map(({ path }) => path));
  const reasonOf = ({ path, broken }: FileEntry): LeftOut["reason"] => {
    if (path === annotations?.path) return "read for its labels";
    if (isHidden(path)) return "hidden";
    if (!IMAGE.test(path)) return broken === undefined ? "ending not read" : "cannot be read";
    return unlabelled && path.startsWith(unlabelled.folder) ? "without labels" : "in no class of a split";
  };
  const others = files.filter(({ path }) => !used.has(path)).map((file) => ({
    path: file.path,
    reason: reasonOf(file),
  }));
  return [...others, ...left].sort((a, b) => a.path < b.path ? -1 : 1);
}

function topFolders(folders: readonly string[]): string[] {
  return folders.filter((path) => !path.includes("/") && !path.startsWith(".")).sort();
}

/** Images by class folder of one split; class folders may be empty, deeper folders count to their class. */
function classFiles(images: readonly FileEntry[], folders: readonly string[], prefix: string, where: string) {
  const names = folders.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const classes: ClassFiles = new Map(topFolders(names).map((name) => [name, []]));
  for (const image of images) {
    if (!image.path.startsWith(prefix)) continue;
    const [name, ...inside] = image.path.slice(prefix.length).split("/");
    if (inside.length > 0) classes.get(name)?.push(image);
  }
  if (classes.size === 0) {
    const split = prefix || "the top level";
    throw new UserError(`Cannot open ${where}: ${split} holds no class folders, want ${prefix}<class>/<image>`);
  }
  for (const list of classes.values()) list.sort((a, b) => a.path < b.path ? -1 : 1);
  return classes;
}
