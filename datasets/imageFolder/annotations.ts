import { UserError } from "../../core/errors.ts";
import { someNames } from "../classes/someNames.ts";
import { type ClassFiles, type FileEntry, fileName, type ImageSource, type Listing } from "./source.ts";

/** The file that says the classes of the images of val/, as in Tiny-ImageNet. */
export interface Annotations {
  file: FileEntry;
  /** Its text: a line for each image with its file name, its class and a box, with tabs between them. */
  bytes: Uint8Array;
}

const FILE = /^([^/]+\/)?val\/val_annotations\.txt$/;

/**
 * Reads val/val_annotations.txt, at the top or inside one folder that holds everything.
 *
 * @returns undefined when there is none
 * @throws {UserError} when it cannot be read
 */
export async function readAnnotations(source: ImageSource, { files }: Listing): Promise<Annotations | undefined> {
  const file = files.find(({ path }) => FILE.test(path));
  if (!file) return undefined;
  for await (const bytes of source.readAll([file])) return { file, bytes };
}

/**
 * The images of a split by the class that their line says.
 *
 * @param split the folder that images/ lies in, with a "/" at its end
 * @param where the path, for messages
 * @throws {UserError} on a line of another form, a line without an image or an image without a line
 */
export function annotatedFiles(
  images: readonly FileEntry[],
  split: string,
  { file, bytes }: Annotations,
  where: string,
): ClassFiles {
  const folder = `${split}images/`, labels = labelsOf(new TextDecoder().decode(bytes), `${file.path} of ${where}`);
  const here = new Map(images.flatMap((image) => image.path.startsWith(split) ? [[image.path, image]] : []));
  const missing = [...labels.keys()].filter((name) => !here.has(folder + name));
  if (missing.length > 0) {
    const found = `${file.path} names ${someNames(missing, "in all")}`;
    throw new UserError(`Cannot open ${where}: ${found}, not in ${folder}, want them there`);
  }
  const extra = [...here.keys()].filter((path) => !path.startsWith(folder) || !labels.has(path.slice(folder.length)));
  if (extra.length > 0) {
    const found = `${file.path} has no line for ${someNames(extra.map(fileName), "in all")}`;
    throw new UserError(`Cannot open ${where}: ${found} in ${split}, want one for each`);
  }
  const classes: ClassFiles = new Map([...new Set(labels.values())].sort().map((name) => [name, []]));
  for (const [name, label] of [...labels].sort(([a], [b]) => a < b ? -1 : 1)) {
    classes.get(label)!.push(here.get(folder + name)!);
  }
  return classes;
}

/** Classes by file name. */
function labelsOf(text: string, where: string): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === "") continue;
    const [name, label] = line.split("\t"), at = `Cannot read line ${index + 1} of ${where}`;
    if (!name || !label) throw new UserError(`${at}: found '${line.slice(0, 80)}', want file, class and box with tabs`);
    if (labels.has(name)) throw new UserError(`${at}: ${name} is there twice, want each image once`);
    labels.set(name, label);
  }
  return labels;
}
