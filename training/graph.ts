import { hostname } from "node:os";
import { shortPath } from "../cli/files.ts";
import { differences } from "../core/checkpoint/difference.ts";
import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import { countOf } from "../core/engine/program.ts";
import { UserError } from "../core/errors.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import type { ImageDataset } from "../datasets/dataset.ts";
import { type Phase, phaseKey } from "../records/phase.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { saveRecord } from "../records/store.ts";
import { iterationsPerEpoch } from "./batches.ts";
import { checkIdentity, everyMinutes, PhaseKeeper } from "./checkpoint/phaseKeeper.ts";
import { RankKeeper } from "./checkpoint/rankKeeper.ts";
import { RunFolder } from "./checkpoint/runFolder.ts";
import { keptEpochs, weightsMetadata } from "./checkpoint/weightsFile.ts";
import { emptyFolder } from "./emptyFolder.ts";
import { type CodeHashes, hashesOf, identityOf, recordIdentity } from "./identity.ts";
import type { Monitor } from "./monitor.ts";
import { finishedRecord, leaveRecord, phaseFolder } from "./phaseFolder.ts";
import { RUNNERS } from "./phases/mod.ts";
import { recordOf } from "./record.ts";
import { fromFirst } from "./sameOnAll.ts";
import { replayKeeper } from "./replay.ts";
import { snapshotsOf, startsOf } from "./snapshots.ts";
import { findStart, readStart, type Start } from "./start.ts";
import { ownShare } from "./work.ts";

/** How phases use their folders. */
export interface FolderOptions {
  /** Folder of all phases. */
  root: string;
  /** Folder of the records. */
  out: string;
  /** Whether what an earlier command left is thrown away instead of taken. */
  fresh: boolean;
  /** Whether a checkpoint or a record of other code is accepted. */
  anyCode: boolean;
  /** Whether to wait for another process that works on the same phase, instead of giving up. */
  wait: boolean;
  /** Checkpoints that stay. */
  keep: number;
  everyMinutes: number;
}

/** What phases are run with. */
export interface GraphWork {
  folders: FolderOptions;
  engine: Engine;
  hashes: CodeHashes;
  git: PhaseRecord["git"];
  asked: PhaseRecord["asked"];
  ranks: Ranks;
  accum?: number;
  /** The images of each wanted phase. */
  datasetOf(phase: Phase): ImageDataset;
  monitorOf(phase: Phase): Monitor;
  /** Is told what the user should know. */
  warn(text: string): void;
  /** Is told which phase is under way, with the keeper of its state; and of each that is finished. */
  under(phase: Phase, keeper: PhaseKeeper | undefined): void;
  done(phase: Phase, finished: Finished): void;
}

/** A finished phase. */
export interface Finished {
  id: string;
  path: string;
  record: PhaseRecord;
  /** Whether it was finished before. */
  taken: boolean;
}

/**
 * Makes sure that phases can be run, before any data are read.
 *
 * @throws {UserError} naming the first value of a config that is refused
 */
export function checkPhases(phases: readonly Phase[]): void {
  for (const { kind, config, from } of phases) {
    const runner = RUNNERS[kind], parsed = runner.config.safeParse(config);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0];
      const found = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], config);
      throw new UserError(`Cannot use ${kind}.${path.join(".")} ${JSON.stringify(found)}: want ${message}`);
    }
    const fault = runner.fault(parsed.data);
    if (fault) throw new UserError(`Cannot use ${fault}`);
    if (!from) continue;
    const start = RUNNERS[from.phase.kind].encoder(from.phase.config);
    const [differs] = differences(start, runner.encoder(parsed.data));
    if (differs) {
      const { key, before, now } = differs;
      throw new UserError(`Cannot start a ${kind} phase from a model whose ${key} is ${before}: want its own, ${now}`);
    }
  }
}

/**
 * Makes sure that the images of every phase's steps are there and can be shared among the ranks.
 *
 * @throws {UserError} when they cannot
 */
export function checkShares(phase: Phase, dataset: ImageDataset, { ranks, accum }: Pick<GraphWork, "ranks" | "accum">) {
  const { name, batch: batchOf, checkImages } = RUNNERS[phase.kind], batch = batchOf(phase.config);
  checkImages?.(phase.config, dataset.train.length);
  if (!batch) return;
  iterationsPerEpoch(dataset.train.length, batch.batch, batch.accumulation);
  const { images } = ownShare(batch, { ranks, accum });
  if (batch.pairs && images % 2) {
    throw new UserError(
      `Cannot share ${name} as ${images} images a pass: want an even number, for images are mixed in pairs; ` +
        `another number of ranks, --accum or ${phase.kind}.batch changes it`,
    );
  }
}

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
  const { folders, ranks, engine } = work, first = ranks.rank === 0, name = shortPath(phaseFolder(folders.root, phase));
  const opened = first ? await openPhase(phase, plan, work) : undefined;
  try {
    work.under(phase, opened?.keeper);
    await ranks.wait(`the folder of ${name}`);
    const state = await fromFirst(ranks, `the state of ${name}`, opened?.record ? "finished" : "to run");
    let record = opened?.record;
    if (state === "to run") {
      const keeper = await RankKeeper.share(ranks, opened?.keeper), dataset = work.datasetOf(phase);
      const start = phase.from && await shareStart(phase, phase.from, opened?.start, work);
      const outcome = await RUNNERS[phase.kind].run(phase.config, {
        engine,
        dataset,
        seed: phase.seed,
        ...(start && { from: start.arena }),
        ranks,
        accum: work.accum,
        monitor: work.monitorOf(phase),
        keeper,
        snapshots: snapshotsOf(phase, plan),
      });
      if (first) {
        const circumstances = { ...work, engine: engine.info, dataset, ranks: keeper.spans, start: keeper.start };
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

interface Opened {
  held: RunFolder;
  /** The record, where the phase is finished; else what it starts from, and what keeps its state. */
  record?: PhaseRecord;
  start?: Start;
  keeper?: PhaseKeeper;
  /** Epochs of a finished phase that others of the plan start from, whose weights were not kept. */
  missing?: number[];
}

/** Trains a finished phase again, as far as others start from weights of it that were not kept. */
async function keepMissing(phase: Phase, opened: Opened | undefined, work: GraphWork): Promise<void> {
  const { folders, ranks, engine, accum, warn } = work, folder = phaseFolder(folders.root, phase);
  const missing = opened?.missing ?? [], asked = JSON.stringify(missing);
  const wanted: number[] = JSON.parse(await fromFirst(ranks, `the weights that ${shortPath(folder)} lacks`, asked));
  if (wanted.length === 0) return;
  if (opened) {
    warn(`${shortPath(folder)} kept no weights after epoch ${wanted.join(", ")}: it is trained again up to there`);
  }
  const dataset = work.datasetOf(phase), runner = RUNNERS[phase.kind], until = Math.max(...wanted);
  const metadata = weightsMetadata(runner.model(phase.config, dataset.classes.length)!);
  const known = Object.keys(opened?.record?.weights ?? {}).map(Number).filter((epochs) => epochs < until);
  await runner.run(phase.config, {
    engine,
    dataset,
    seed: phase.seed,
    ranks,
    accum,
    monitor: work.monitorOf(phase),
    ...(opened?.record && { keeper: replayKeeper({ folder, metadata }, opened.record, wanted) }),
    snapshots: [...known, ...wanted],
    until,
  });
}

/** Takes a phase's folder, and finds how far it is. */
async function openPhase(phase: Phase, plan: readonly Phase[], work: GraphWork): Promise<Opened> {
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
    const start = phase.from && await openStart(phase, phase.from, work);
    if (fresh) await emptyFolder(folder, warn); // nothing is thrown away where the start is missing
    const { library, size } = ranks, { threads } = engine.info, classes = dataset.classes.length;
    const hosts = size > 1 ? [...ranks.hosts] : [hostname()], model = runner.model(phase.config, classes);
    const keeper = await PhaseKeeper.open({
      folder,
      run,
      metadata: model ? weightsMetadata(model) : {},
      mayDiffer,
      keep,
      due: everyMinutes(minutes),
      say: warn,
      layout: { library, hosts, threads, ...(accum !== undefined && { accum }) },
    }, new Date().toISOString());
    const bytes = 3 * 4 * countOf(runner.parameters(phase.config, classes));
    await held.checkSpace(bytes * (keep + 1));
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
