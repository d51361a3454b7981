import { join } from "node:path";
import { exists, readWhole, writeWhole } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import { hidesSomething } from "../core/printable.ts";
import { SHA256 } from "../core/sha256Text.ts";
import { PHASE_KINDS, type PhaseKind } from "./phase.ts";
import type { StoredRecord } from "./store.ts";

/** A record that a report has seen. */
export interface LedgerEntry {
  id: string;
  /** The phase's key. */
  key: string;
  kind: PhaseKind;
  seed: number;
  /** Who asked for the phase first. */
  experiment: string;
  profile: string;
}

const name = "ledger.tsv";
const head = ["id", "key", "kind", "seed", "experiment", "profile"] as const;

/**
 * The records of a folder that reports have seen so far, from its `ledger.tsv`; none where there is no ledger yet. A record
 * whose file is gone stays known by it, so that a report says "missing" instead of growing thinner.
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
  const cells = line.split("\t"), [id, key, kind, seed, experiment, profile] = cells;
  const hashes = [id, key].every((hash) => SHA256.test(hash));
  const shown = cells.every((cell) => !hidesSomething(cell));
  if (!shown || cells.length !== head.length || !hashes || !isKind(kind) || !/^\d+$/.test(seed)) {
    throw new UserError(`Cannot read ${where}: found '${line}', want ${head.join(", ")} between tabs`);
  }
  return { id, key, kind, seed: Number(seed), experiment, profile };
}

function isKind(kind: string): kind is PhaseKind {
  return (PHASE_KINDS as readonly string[]).includes(kind);
}

/** The ledger with the given records entered, sorted. */
export function entered(ledger: LedgerEntry[], records: StoredRecord[]): LedgerEntry[] {
  const known = new Map(ledger.map((entry) => [entry.id, entry]));
  for (const { id, record: { key, phase: { kind, seed }, asked: { experiment, profile } } } of records) {
    known.set(id, { id, key, kind, seed, experiment, profile });
  }
  const order = ({ id, key, kind, seed, experiment, profile }: LedgerEntry) =>
    [experiment, profile, kind, String(seed).padStart(4, "0"), key, id].join("\t");
  return [...known.values()].sort((a, b) => order(a) < order(b) ? -1 : 1);
}

/** Writes the ledger of a folder, whole. */
export async function writeLedger(folder: string, ledger: LedgerEntry[]): Promise<void> {
  await writeWhole(join(folder, name), `${[head.join("\t"), ...ledger.map(line)].join("\n")}\n`);
}

function line(entry: LedgerEntry): string {
  return head.map((key) => String(entry[key]).replace(/[\t\r\n]/g, " ")).join("\t");
}
