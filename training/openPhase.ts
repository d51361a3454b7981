import { hostname } from "node:os";
import { countOf } from "../core/engine/program.ts";
import { printable } from "../core/printable.ts";
import type { Phase } from "../records/phase.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { checkIdentity, everyMinutes, PhaseKeeper } from "./checkpoint/phaseKeeper.ts";
import { RunFolder } from "./checkpoint/runFolder.ts";
import { keptEpochs, weightsMetadata } from "./checkpoint/weightsFile.ts";
import { emptyFolder } from "./emptyFolder.ts";
import type { GraphWork } from "./graphWork.ts";
import { hashesOf, identityOf, recordIdentity } from "./identity.ts";
import { finishedRecord, phaseFolder } from "./phaseFolder.ts";
import { RUNNERS } from "./phases/mod.ts";
import { processor } from "./processor.ts";
import { snapshotsOf, startsOf } from "./snapshots.ts";
import { findStart, type Start } from "./start.ts";

/** A phase's folder, taken, and how far the phase is. */
export interface Opened {
  held: RunFolder;
  /** The record, where the phase is finished; else what it starts from, and what keeps its state. */
  record?: PhaseRecord;
  start?: Start;
  keeper?: PhaseKeeper;
  /** Epochs of a finished phase that others of the plan start from, whose weights were not kept. */
  missing?: number[];
}

/** Takes a phase's folder, and finds how far it is. */
export async function openPhase(phase: Phase, plan: readonly Phase[], work: GraphWork): Promise<Opened> {
  const { folders: { root, fresh, anyCode, wait, keep, everyMinutes: minutes }, engine, hashes, ranks, accum, warn } =
    work;
  const folder = phaseFolder(root, phase), dataset = work.datasetOf(phase), runner = RUNNERS[phase.kind];
  const { signal } = work.monitorOf(phase);
  const held = wait ? await RunFolder.takeWhenFree(folder, signal, warn) : await RunFolder.take(folder);
  try {
    const run = identityOf(phase, dataset.sha256, engine.info, hashes), mayDiffer = anyCode ? ["hashes"] : [];
    const record = fresh ? undefined : await finishedRecord(folder);
    if (record) {
      const shared = record.ranks?.some(({ hosts }) => hosts.length > 1) || ranks.size > 1;
      const free = [...mayDiffer, ...(shared ? ["engine.threads"] : [])];
      checkIdentity(folder, "record.json", recordIdentity(record), run, free);
      const kept = new Set(await keptEpochs(folder));
      const missing = phase.from ? [] : startsOf(phase, plan).filter((epochs) => !kept.has(epochs));
      return { held, record, missing };
    }
    await held.checkFiles();
    const start = phase.from && await openStart(phase, phase.from, work);
    if (fresh) await emptyFolder(folder, warn); // nothing is thrown away where the start is missing
    const { library, size } = ranks, { threads } = engine.info, classes = dataset.classes.length;
    const hosts = (size > 1 ? ranks.hosts : [hostname()]).map(printable), model = runner.model(phase.config, classes);
    const keeper = await PhaseKeeper.open({
      folder,
      run,
      metadata: model ? weightsMetadata(model) : {},
      mayDiffer,
      keep,
      due: everyMinutes(minutes),
      say: warn,
      processor: printable(processor()),
      layout: { library, hosts, threads, ...(accum !== undefined && { accum }) },
    }, new Date().toISOString());
    const bytes = 3 * 4 * countOf(runner.parameters(phase.config, classes));
    await held.checkSpace(bytes * (keep + 1) + bytes / 3 * (snapshotsOf(phase, plan).length + 1));
    return { held, start, keeper };
  } catch (error) {
    held.release();
    throw error;
  }
}

/**
 * Finds what a phase starts from, which may be finished by another command.
 *
 * @throws {UserError} when it is not there, or of other code
 */
async function openStart(
  phase: Phase,
  from: NonNullable<Phase["from"]>,
  { folders: { root, anyCode }, hashes }: GraphWork,
): Promise<Start> {
  const start = await findStart(root, phase, from), { hashes: { data: _data, ...before } } = start.record;
  const now = { hashes: hashesOf(from.phase, hashes) }, folder = phaseFolder(root, from.phase);
  checkIdentity(folder, "record.json", { hashes: before }, now, anyCode ? ["hashes"] : []);
  return start;
}
