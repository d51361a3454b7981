import { join } from "node:path";
import { exists, readWhole, writeWhole } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import type { StoredResult } from "./store.ts";

/** A result that a report has seen. */
export interface LedgerEntry {
  id: string;
  experiment: string;
  profile: string;
  row: string;
  seed: number;
}

const name = "ledger.tsv";
const head = ["id", "experiment", "profile", "row", "seed"];

/**
 * The results of a folder that reports have seen so far, from its `ledger.tsv`; none where there is no ledger yet. A
 * result whose file is gone stays known by it, so that a report says "missing" instead of growing thinner.
 *
 * @throws {UserError} naming the line that does not fit
 */
export async function readLedger(folder: string): Promise<LedgerEntry[]> {
  const path = join(folder, name);
  if (!(await exists(path))) return [];
  const [first, ...lines] = new TextDecoder().decode(await readWhole(path)).replace(/\n$/, "").split("\n");
  if (first !== head.join("\t")) {
    throw new UserError(`Cannot read ${path}: its first line is '${first}', want '${head.join("\\t")}'`);
  }
  return lines.map((line, k) => entry(line, `${path}: line ${k + 2}`));
}

function entry(line: string, where: string): LedgerEntry {
  const cells = line.split("\t");
  const [id, experiment, profile, row, seed] = cells;
  if (cells.length !== head.length || !/^[0-9a-f]{64}$/.test(id) || !/^\d+$/.test(seed)) {
    throw new UserError(`Cannot read ${where}: found '${line}', want ${head.join(", ")} between tabs`);
  }
  return { id, experiment, profile, row, seed: Number(seed) };
}

/** The ledger with the given results entered, sorted. */
export function entered(ledger: LedgerEntry[], results: StoredResult[]): LedgerEntry[] {
  const known = new Map(ledger.map((entry) => [entry.id, entry]));
  for (const { id, result: { experiment, profile, row, seed } } of results) {
    known.set(id, { id, experiment, profile, row, seed });
  }
  const order = (entry: LedgerEntry) => line({ ...entry, id: "" }) + entry.id;
  return [...known.values()].sort((a, b) => order(a) < order(b) ? -1 : 1);
}

/** Writes the ledger of a folder, whole. */
export async function writeLedger(folder: string, ledger: LedgerEntry[]): Promise<void> {
  await writeWhole(join(folder, name), `${[head.join("\t"), ...ledger.map(line)].join("\n")}\n`);
}

function line({ id, experiment, profile, row, seed }: LedgerEntry): string {
  return [id, experiment, profile, row, seed].map((cell) => String(cell).replace(/[\t\r\n]/g, " ")).join("\t");
}
