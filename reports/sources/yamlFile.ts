import { fileURLToPath } from "node:url";
import { parse, YAMLParseError } from "yaml";
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
  const bytes = await readWhole(shortPath(fileURLToPath(new URL(`../${name}`, import.meta.url))));
  const parsed = schema.safeParse(parseYaml(name, new TextDecoder().decode(bytes)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(`Cannot read reports/${name}: at ${issue.path.join(".") || "the top"}: ${issue.message}`);
}

function parseYaml(name: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UserError(`Cannot read reports/${name}: ${error.message.split("\n")[0]}`);
  }
}
