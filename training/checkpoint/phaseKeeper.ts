import { join } from "node:path";
import { z } from "zod";
import { exists, readWhole, writeWhole } from "../../cli/files.ts";
import { differences } from "../../core/checkpoint/difference.ts";
import type { Arena } from "../../core/engine/arena.ts";
import { UserError } from "../../core/errors.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { checkDepth } from "../../records/hashedFile.ts";
import type { RanksSpan } from "../../records/schema.ts";
import {
  findCheckpoint,
  type FoundCheckpoint,
  pruneCheckpoints,
  readCheckpoint,
  writeCheckpoint,
} from "./checkpointFiles.ts";
import type { Boundary, Keeper, Restored } from "./keeper.ts";
import { progressSchema } from "./progress.ts";
import { type Layout, spansOf } from "./ranksSpans.ts";
import { leaveWeights } from "./weightsFile.ts";

/** The file that says what the phase of a folder is. */
export const PHASE = "phase.json";

/** What a phase is, as plain JSON: the phase itself, data, code, engine. */
export type PhaseIdentity = Record<string, unknown>;

/** How a phase keeps checkpoints. */
export interface KeeperOptions {
  folder: string;
  run: PhaseIdentity;
  /** What files say of the model. */
  metadata: Record<string, string>;
  /** Keys of `run`, joined by dots, that may differ from the checkpoint's. */
  mayDiffer: readonly string[];
  /** How many checkpoints stay. */
  keep: number;
  /** Whether a checkpoint is due at this boundary. */
  due: (iteration: number) => boolean;
  /** Is told what went wrong without ending the phase. */
  say: (text: string) => void;
  /** The processes that share the phase from now on; without it one. */
  layout?: Layout;
  /** The processor that computes from now on, by name and kind. */
  processor?: string;
}

/** The checkpoints of a phase, on whatever rank. */
export interface Checkpoints extends Keeper {
  /** Start of the phase, ISO 8601 in UTC. */
  readonly start: string;
  /** The checkpoint that it goes on from. */
  readonly found?: FoundCheckpoint;
  /** Which processes have shared it; empty where it was always one, without `--accum`. */
  readonly spans: RanksSpan[];
  /** The processors that have computed it, and that which does now. */
  readonly processors: string[];
}

/** The checkpoints of a phase in its folder. */
export class PhaseKeeper implements Checkpoints {
  /** Steps done at the last checkpoint. */
  saved?: number;

  private constructor(
    readonly options: KeeperOptions,
    readonly start: string,
    readonly spans: RanksSpan[],
    readonly processors: string[],
    readonly found?: FoundCheckpoint,
  ) {
    this.saved = found?.header.iteration;
  }

  /**
   * The phase goes on from the newest whole checkpoint of its folder, or begins when there is none.
   *
   * @param start of the phase, if it begins now
   * @throws {UserError} when the folder's phase is another one, naming the first key in which it differs
   */
  static async open(options: KeeperOptions, start: string): Promise<PhaseKeeper> {
    const { folder, run, mayDiffer, say } = options, found = await findCheckpoint(folder, say);
    const before = found?.header.run ?? await recordedPhase(folder), spans = spansOf(options.layout, found);
    if (before) {
      // Ranks share a machine's cores, so with another number of ranks goes another number of threads; nor does it matter
      // before the first checkpoint.
      const shared = spans.some(({ hosts }) => hosts.length > 1);
      const free = [...mayDiffer, ...(shared || !found ? ["engine.threads"] : [])];
      checkIdentity(folder, found?.name ?? PHASE, before, run, free);
    }
    if (!found) await writeWhole(join(folder, PHASE), canonicalJson(run));
    return new PhaseKeeper(options, found?.header.start ?? start, spans, processorsOf(options, found), found);
  }

  async restore(arena: Arena): Promise<Restored | undefined> {
    if (!this.found) return undefined;
    const boundary = boundaryOf(this.found);
    await readCheckpoint(this.options.folder, this.found, arena);
    return boundary;
  }

  async offer(boundary: Boundary): Promise<void> {
    const { due, say } = this.options;
    if (!due(boundary.iteration)) return;
    try {
      await this.save(boundary);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      say(`${error.message}; the run goes on, its last checkpoint stays`);
    }
  }

  async save({ arena, collect, iteration, progress }: Boundary): Promise<void> {
    collect();
    if (this.saved === iteration) return;
    const { folder, run, metadata, keep } = this.options, { start, spans, processors } = this;
    const shared = { ...(spans.length > 0 && { ranks: spans }), ...(processors.length > 0 && { processors }) };
    const content = { iteration, run, start, ...shared, progress };
    await writeCheckpoint(folder, content, arena, metadata);
    this.saved = iteration;
    await pruneCheckpoints(folder, keep);
  }

  async leaveWeights(epochs: number, arena: Arena): Promise<void> {
    await leaveWeights(this.options, epochs, arena);
  }

  /** Removes the checkpoints of a phase that has ended. */
  async finish(): Promise<void> {
    await pruneCheckpoints(this.options.folder, 0);
  }
}

/** The processors of a phase, each once, in order; another one than before is told: it may choose other kernels. */
function processorsOf({ folder, processor, say }: KeeperOptions, found: FoundCheckpoint | undefined): string[] {
  const before = found?.header.processors ?? [], last = before.at(-1);
  if (processor === undefined) return before;
  if (last !== undefined && last !== processor) {
    say(
      `${folder} goes on on another processor, ${processor} after ${last}: its numbers may be those of neither alone`,
    );
  }
  return [...new Set([...before, processor])];
}

/**
 * Makes sure that what a folder holds is of the same phase, data, code and engine.
 *
 * @param name of the file that says so
 * @param free keys that may differ
 * @throws {UserError} naming the first key that does
 */
export function checkIdentity(
  folder: string,
  name: string,
  before: PhaseIdentity,
  now: PhaseIdentity,
  free: readonly string[],
): void {
  const allowed = (key: string) => free.some((each) => key === each || key.startsWith(`${each}.`));
  const differs = differences(before, JSON.parse(JSON.stringify(now))).filter(({ key }) => !allowed(key));
  if (differs.length === 0) return;
  const [{ key, before: found, now: wanted }] = differs;
  const more = differs.length > 1 ? `; ${differs.length - 1} more keys differ` : "";
  const code = key.startsWith("hashes.") ? ", or --any-code to go on with other code" : "";
  const threads = key === "engine.threads" ? `, or --threads ${found}` : "";
  throw new UserError(
    `Cannot use ${folder}: ${key} is ${found} in ${name}, ${wanted} now${more}; ` +
      `want the same, or --fresh to start over${code}${threads}`,
  );
}

/**
 * Where a phase goes on, and what it has recorded.
 *
 * @throws {UserError} when the record is broken
 */
export function boundaryOf(
  { name, header: { iteration, progress } }: FoundCheckpoint,
): Restored {
  const parsed = progressSchema.safeParse(progress);
  if (parsed.success) return { iteration, progress: parsed.data };
  const { path, message } = parsed.error.issues[0];
  throw new UserError(`Cannot use checkpoint ${name}: at progress.${path.join(".")}: ${message}`);
}

/**
 * What the phase of a folder is, if one was begun there.
 *
 * @throws {UserError} when its record is broken
 */
export async function recordedPhase(folder: string): Promise<PhaseIdentity | undefined> {
  const path = join(folder, PHASE);
  if (!await exists(path)) return undefined;
  const text = new TextDecoder().decode(await readWhole(path));
  try {
    const value = JSON.parse(text);
    checkDepth(PHASE, value);
    return z.record(z.string(), z.unknown()).parse(value);
  } catch {
    throw new UserError(`Cannot use ${folder}: ${PHASE} is broken, want what a run has written there; or --fresh`);
  }
}

/**
 * How many threads of the compiled engine a phase was begun with: it goes on with no other number. Nothing where it was not
 * begun, or its record is broken; it says so itself when its turn comes.
 */
export async function begunThreads(folder: string): Promise<number | undefined> {
  const begun = engineSchema.safeParse(await recordedPhase(folder).catch(() => undefined));
  return begun.success && begun.data.engine.name === "compiled" ? begun.data.engine.threads : undefined;
}

const engineSchema = z.object({ engine: z.object({ name: z.string(), threads: z.int().positive() }) });

/** Whether so many minutes have gone by since the last time that it was so. */
export function everyMinutes(minutes: number, now: () => number = () => performance.now()): () => boolean {
  let last = now();
  return () => {
    if (now() - last < minutes * 60_000) return false;
    last = now();
    return true;
  };
}
