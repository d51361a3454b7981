import { shortPath } from "../cli/files.ts";
import { Arena } from "../core/engine/arena.ts";
import { type Phase, phaseKey } from "../records/phase.ts";
import { saveRecord } from "../records/store.ts";
import { RankKeeper } from "./checkpoint/rankKeeper.ts";
import { type Finished, type GraphWork, phaseWork } from "./graphWork.ts";
import { openPhase } from "./openPhase.ts";
import { leaveRecord, phaseFolder } from "./phaseFolder.ts";
import { RUNNERS } from "./phases/mod.ts";
import { recordOf } from "./record.ts";
import { keepMissing } from "./replay.ts";
import { fromFirst } from "./sameOnAll.ts";
import { snapshotsOf } from "./snapshots.ts";
import { readStart, type Start } from "./start.ts";

/**
 * Runs phases in order, each in its folder, or takes the record that is there. All ranks call it with the same phases;
 * folders and files are rank 0's.
 *
 * @param wanted after what they rest on, unless that is finished already
 * @param plan all phases of which these are some: what starts from a phase decides which weights it keeps
 * @returns on rank 0 the finished phases by key
 */
export async function runPhases(
  wanted: readonly Phase[],
  plan: readonly Phase[],
  work: GraphWork,
): Promise<Map<string, Finished>> {
  const finished = new Map<string, Finished>();
  for (const phase of wanted) {
    work.monitorOf(phase).signal.throwIfAborted();
    const one = await runPhase(phase, plan, work);
    if (!one) continue;
    finished.set(phaseKey(phase), one);
    work.done(phase, one);
  }
  return finished;
}

/** One phase, from where it stands; its record ends up in its folder and among the records. */
async function runPhase(phase: Phase, plan: readonly Phase[], work: GraphWork): Promise<Finished | undefined> {
  const { folders, ranks } = work, first = ranks.rank === 0, name = shortPath(phaseFolder(folders.root, phase));
  const opened = first ? await openPhase(phase, plan, work) : undefined;
  try {
    work.under(phase, opened?.keeper);
    await ranks.wait(`the folder of ${name}`);
    const state = await fromFirst(ranks, `the state of ${name}`, opened?.record ? "finished" : "to run");
    let record = opened?.record;
    if (state === "to run") {
      const keeper = await RankKeeper.share(ranks, opened?.keeper), shared = phaseWork(phase, work);
      const start = phase.from && await shareStart(phase, phase.from, opened?.start, work);
      const outcome = await RUNNERS[phase.kind].run(phase.config, {
        ...shared,
        ...(start && { from: start.arena }),
        keeper,
        snapshots: snapshotsOf(phase, plan),
      });
      if (first) {
        const { engine: { info: engine }, dataset } = shared, { start: begun, spans, processors } = keeper;
        const circumstances = { ...work, engine, dataset, ranks: spans, processors, start: begun };
        const made = recordOf(phase, outcome, { ...circumstances, startedFrom: start?.id ?? null });
        record = await leaveRecord(phaseFolder(folders.root, phase), made);
      }
    }
    await keepMissing(phase, opened, work);
    if (!record) return undefined;
    const { id, path } = await saveRecord(folders.out, record);
    await opened?.keeper?.finish();
    return { id, path: shortPath(path), record, taken: state === "finished" };
  } finally {
    opened?.held.release();
  }
}

/**
 * The weights that a phase starts from, on every rank; read by rank 0.
 *
 * @param start what they are; nothing on the other ranks
 */
async function shareStart(
  phase: Phase,
  from: NonNullable<Phase["from"]>,
  start: Start | undefined,
  { ranks, datasetOf }: GraphWork,
): Promise<{ arena: Arena; id: string }> {
  const classes = datasetOf(phase).classes.length, runner = RUNNERS[from.phase.kind];
  const specs = runner.parameters(from.phase.config, classes);
  let arena = start && await readStart(start, specs);
  await ranks.wait("the reading of the weights that the phase starts from");
  arena ??= new Arena(specs, 1);
  const id = await fromFirst(ranks, "the start of the phase", start?.id ?? "");
  if (ranks.size > 1) {
    await ranks.sum("the weights that the phase starts from");
    for (const name of arena.names()) await ranks.broadcast(arena.view(name));
  }
  return { arena, id };
}
