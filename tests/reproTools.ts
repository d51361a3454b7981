import { parseCommand } from "../commands/repro/flags.ts";
import { sha256 } from "../core/sha256.ts";
import { phaseKey, type PhaseKind } from "../records/phase.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { loadRecords } from "../records/store.ts";
import { filesBelow, overridden, runWell } from "./commandTools.ts";

/** What `repro --json` prints of a phase. */
export interface PhaseLine {
  kind: PhaseKind;
  key: string;
  id: string;
  path: string;
  taken: boolean;
}

/** What `repro --json` prints of a run. */
export type RunLine = {
  row: string;
  seed: number;
  label: string;
  phases: PhaseLine[];
  probes: Record<string, Record<string, number>>;
} & Record<"seconds" | "secondsPerEpoch" | "timeRatio" | "top1" | "top5" | "top1Drop" | "loss", number | null>;

/** Runs an experiment that has to succeed; gives its runs as `--json` prints them. */
export async function repro(folder: string, experiment: string, ...args: string[]): Promise<RunLine[]> {
  return JSON.parse((await runWell("repro", folder, experiment, ...args, "--json")).out).rows;
}

/** The phases of runs by key. */
export function phasesByKey(runs: readonly RunLine[]): Map<string, PhaseLine> {
  return new Map(runs.flatMap(({ phases }) => phases.map((phase) => [phase.key, phase] as const)));
}

/** The folder of a phase in which nothing else is pre-trained but by LocalMIM. */
export function folderOf({ kind, key }: Pick<PhaseLine, "kind" | "key">): string {
  return `${kind}-localmim-${key.slice(0, 12)}`;
}

/** The records of a folder by kind of phase, in order of their start. */
export async function recordsOf(folder: string): Promise<Record<PhaseKind, PhaseRecord[]>> {
  const all = (await loadRecords(folder)).map(({ record }) => record).sort((a, b) => a.start < b.start ? -1 : 1);
  const of = (kind: PhaseKind) => all.filter(({ phase }) => phase.kind === kind);
  return {
    pretrain: of("pretrain"),
    finetune: of("finetune"),
    linear: of("linear"),
    knn: of("knn"),
    train: of("train"),
  };
}

/** The content of every file below a folder but locks, as SHA-256 by name, with the time of its last change. */
export async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await filesBelow(folder)) {
    if (name.endsWith("lock")) continue;
    const path = `${folder}/${name}`, { mtime } = await Deno.stat(path);
    found[name] = `${sha256(await Deno.readFile(path))} ${mtime!.getTime()}`;
  }
  return found;
}

/** The phases that a command of Table 17 would run, in order; nothing is run. */
export function planned(...args: string[]): Pick<PhaseLine, "kind" | "key">[] {
  return parseCommand(overridden(["thesis.table17", ...args]))!.wanted.map((phase) => ({
    kind: phase.kind,
    key: phaseKey(phase),
  }));
}

/** Waits until a file is there. */
export async function appears(path: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (await Deno.stat(path).then(() => true, () => false)) return;
  }
  throw new Error(`there is no ${path} after a minute`);
}
