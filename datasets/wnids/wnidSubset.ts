import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { readWhole } from "../../cli/files.ts";

/** Whether a word names one of the subsets. */
export function isWnidSubset(name: string): name is WnidSubset {
  return ["in5", "in10", "in25", "in100"].includes(name);
}

/** The ImageNet-1K subsets of the thesis's Table 3. */
export type WnidSubset = "in5" | "in10" | "in25" | "in100";

const TABLE = new URL("../../reports/published/thesis/table03.yaml", import.meta.url);

/**
 * The classes of one of the thesis's ImageNet-1K subsets (Table 3), as sorted WordNet ids.
 *
 * @throws {UserError} when the published table cannot be read
 */
export async function wnidSubset(name: WnidSubset): Promise<string[]> {
  const text = new TextDecoder().decode(await readWhole(fileURLToPath(TABLE)));
  const table = parse(text) as { rows: { key: string; values: { codes: string } }[] };
  return table.rows.find((row) => row.key === name)!.values.codes.split(", ").sort();
}
