import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { z } from "zod";
import { readWhole, shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { hidesSomething } from "../../core/printable.ts";

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
  if (parsed.success) {
    const hidden = hiddenAt(parsed.data);
    if (hidden === undefined) return parsed.data;
    throw new UserError(
      `Cannot read reports/${name}: at ${hidden.join(".")}: its text has characters that are not shown, want none`,
    );
  }
  const issue = parsed.error.issues[0];
  throw new UserError(`Cannot read reports/${name}: at ${issue.path.join(".") || "the top"}: ${issue.message}`);
}

/** Where a text has characters that a page or a terminal would not show as they are; undefined where none has. */
function hiddenAt(value: unknown): string[] | undefined {
  if (typeof value === "string") return hidesSomething(value.replaceAll("\n", "")) ? [] : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const below = hidesSomething(key) ? [] : hiddenAt(member);
    if (below) return [key, ...below];
  }
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
