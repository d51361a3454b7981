/** One image file of a folder or archive. */
export interface FileEntry {
  /** Path inside the folder or archive, with "/" between its parts. */
  path: string;
  /** Bytes. */
  size: number;
  /** Where its bytes start in the (unpacked) archive; 0 in a folder. */
  offset: number;
  /** Why it cannot be read, where its place tells: a link that points nowhere, a folder that may not be looked into. */
  broken?: string;
}

/** Why something of a folder or archive is not among the images in use. */
export type LeftReason =
  | "hidden"
  | "ending not read"
  | "cannot be read"
  | "in no class of a split"
  | "without labels"
  | "read for its labels"
  | "no plain file"
  | "another of the same name"
  | "published, but not read"
  | "no file of CIFAR";

/** Something that is not used, and why. */
export interface LeftOut {
  path: string;
  reason: LeftReason;
}

/** The image files of each class of a split, by class name. */
export type ClassFiles = Map<string, FileEntry[]>;

/** What a folder or archive holds. */
export interface Listing {
  files: FileEntry[];
  /** Every folder, also empty ones, as paths without a "/" at the end. */
  folders: string[];
  /** What can hold no image of its own: pipes, devices, members that a later one of the same name replaces. */
  left: LeftOut[];
}

/** A place that image files are read from. */
export interface ImageSource {
  /** As the user wrote it, for messages. */
  path: string;
  list(): Promise<Listing>;
  /**
   * SHA-256 of the data.
   *
   * @param files the files in use; a folder is identified by them, an archive by all of its bytes
   */
  identify(files: () => Promise<readonly FileEntry[]>): Promise<string>;
  /** Reads files in the given order, which must be that of their offsets. */
  readAll(files: readonly FileEntry[]): AsyncIterable<Uint8Array>;
  /** Reads one file; absent where files cannot be reached one by one (a compressed archive). */
  readOne?(file: FileEntry): Promise<Uint8Array>;
}

/** Adds every folder that a path lies in. */
export function addParents(folders: Set<string>, path: string): void {
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
