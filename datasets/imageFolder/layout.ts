import { UserError } from "../../core/errors.ts";
import { type FileEntry, fileName, type Listing } from "./source.ts";

/** The image files of each class of a split, by class name. */
export type ClassFiles = Map<string, FileEntry[]>;

/** The splits found in a folder or archive; `test` is absent only where that is allowed. */
export interface Layout {
  train: ClassFiles;
  test?: ClassFiles;
}

const IMAGE = /\.(jpe?g|png|webp|gif|tiff?)$/i;
const WANTED = "want train/<class>/<image> and test/ or val/ of the same form";

/** Up to four names, and how many there are. */
export function someNames(names: readonly string[], what: string): string {
  return `${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""} (${names.length} ${what})`;
}

/**
 * Finds train/ and test/ (or val/) with one folder per class, at the top or inside one folder that holds everything.
 * Files whose names start with a dot or do not end like an image are passed over.
 *
 * @param where the path, for messages
 * @param allowTrainOnly accept class folders without a test split, under train/ or at the top
 * @throws {UserError} when the splits are not there
 */
export function findLayout({ files, folders }: Listing, where: string, allowTrainOnly: boolean): Layout {
  const images = files.filter(({ path }) => IMAGE.test(path) && !fileName(path).startsWith("."));
  if (images.length === 0) {
    throw new UserError(`Cannot open ${where}: found ${files.length} files but no images, ${WANTED}`);
  }
  const top = topFolders(folders);
  const root = top.includes("train") ? "" : top.find((name) => folders.includes(`${name}/train`));
  if (root === undefined) {
    if (allowTrainOnly) return { train: classFiles(images, folders, "", where) };
    throw new UserError(`Cannot open ${where}: found ${someNames(top, "folders at the top")} but no train/, ${WANTED}`);
  }
  const prefix = root && `${root}/`;
  const train = classFiles(images, folders, `${prefix}train/`, where);
  const tests = ["test", "val"].filter((name) => folders.includes(prefix + name)).map((name) => `${prefix}${name}/`);
  if (tests.length === 0) {
    if (allowTrainOnly) return { train };
    throw new UserError(`Cannot open ${where}: found train/ but neither test/ nor val/, ${WANTED}`);
  }
  const isLabelled = (split: string) => folders.some((path) => path.startsWith(split) && train.has(fileName(path)));
  return { train, test: classFiles(images, folders, tests.find(isLabelled) ?? tests[0], where) };
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
    const inside = image.path.slice(prefix.length);
    classes.get(inside.slice(0, inside.indexOf("/")))?.push(image);
  }
  if (classes.size === 0) {
    const split = prefix || "the top level";
    throw new UserError(`Cannot open ${where}: ${split} holds no class folders, want ${prefix}<class>/<image>`);
  }
  for (const list of classes.values()) list.sort((a, b) => a.path < b.path ? -1 : 1);
  return classes;
}
