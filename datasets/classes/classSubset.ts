import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";

/** The lists of classes that have a name: the thesis's ImageNet-1K subsets, and nested ones of Tiny-ImageNet. */
export const CLASS_SUBSETS = ["in5", "in10", "in25", "in100", "tiny5", "tiny10", "tiny25", "tiny100"] as const;

/** The name of a list of classes. */
export type ClassSubset = typeof CLASS_SUBSETS[number];

const FILE = new URL("subsets.yaml", import.meta.url);

/** WordNet ids with spaces between them. */
const wnids = z.string().transform((text) => text.split(" ")).pipe(z.array(z.string().regex(/^n\d{8}$/)));

const lists = z.record(z.enum(CLASS_SUBSETS), wnids);

/** Whether a word names a list of classes. */
export function isClassSubset(name: string): name is ClassSubset {
  return (CLASS_SUBSETS as readonly string[]).includes(name);
}

/**
 * The classes of a list, as sorted WordNet ids.
 *
 * @throws {UserError} when the lists cannot be read
 */
export async function classSubset(name: ClassSubset): Promise<string[]> {
  const path = fileURLToPath(FILE), text = new TextDecoder().decode(await readWhole(path));
  const read = lists.safeParse(parse(text));
  if (read.success) return read.data[name];
  const [issue] = read.error.issues;
  throw new UserError(`Cannot read ${path}: ${issue.path.join(".")}: ${issue.message}`);
}
