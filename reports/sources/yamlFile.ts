import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { z } from "zod";
import { readWhole, shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";

/**
 * Reads a YAML data file of this folder and checks it.
 *
 * @param name path below reports/, e.g. "published/thesis/table17.yaml"
 * @throws {UserError} when the file is missing, is no YAML or does not fit the schema
 */
export async function yamlFile<T>(name: string, schema: z.ZodType<T>): Promise<T> {
  return parseData(name, await readWhole(shortPath(fileURLToPath(new URL(`../${name}`, import.meta.url)))), schema);
}

/**
 * Parses the bytes of a YAML data file and checks them.
 *
 * @param name path below reports/, for messages
 * @throws {UserError} when they are no YAML or do not fit the schema
 */
export function parseData<T>(name: string, bytes: Uint8Array, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseYaml(name, new TextDecoder().decode(bytes)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(`Cannot read reports/${name}: at ${issue.path.join(".") || "the top"}: ${issue.message}`);
}

/** Aliases without an anchor, or too many of them, are no YAMLParseError; unknown tags are left to the schema. */
function parseYaml(name: string, text: string): unknown {
  try {
    return parse(text, { logLevel: "error" });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot read reports/${name}: ${message.split("\n")[0]}`);
  }
}
