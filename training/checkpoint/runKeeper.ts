import { join } from "node:path";
import { z } from "zod";
import { exists, readWhole, writeWhole } from "../../cli/files.ts";
import { differences } from "../../core/checkpoint/difference.ts";
import { UserError } from "../../core/errors.ts";
import {
  findCheckpoint,
  type FoundCheckpoint,
  pruneCheckpoints,
  readCheckpoint,
  writeCheckpoint,
} from "./checkpointFiles.ts";
import { canonicalJson } from "../../records/canonical.ts";
import type { Arena } from "../../core/engine/arena.ts";
import type { RanksSpan } from "../../records/schema.ts";
import type { Boundary, Keeper } from "./keeper.ts";
import { type Layout, spansOf } from "./ranksSpans.ts";
import { saveWeights, type WEIGHTS, weightsFile } from "./weightsFile.ts";

const RUN = "run.json";

/** What a run is, as plain JSON: configuration, data, code, engine. */
export type RunIdentity = Record<string, unknown>;

/** How a run keeps checkpoints. */
export interface RunKeeperOptions {
  folder: string;
  run: RunIdentity;
  /** Keys of `run`, joined by dots, that may differ from the checkpoint's. */
  mayDiffer: readonly string[];
  /** How many checkpoints stay. */
  keep: number;
  /** Whether a checkpoint is due at this boundary. */
  due: (iteration: number) => boolean;
  /** Is told what was saved, and what went wrong without ending the run. */
  say: (text: string) => void;
  /** The processes that share the run from now on; without it one. */
  layout?: Layout;
}

/** What a run of several phases asks of its checkpoints, on whatever rank. */
export interface RunCheckpoints {
  /** Start of the run, ISO 8601 in UTC. */
  readonly start: string;
  /** The checkpoint that it goes on from. */
  readonly found?: FoundCheckpoint;
  /** Which processes have shared it; empty where it was always one, without `--accum`. */
  readonly spans: RanksSpan[];
  /** The keeper of one phase; see {@link RunKeeper.phase}. */
  phase<Progress extends Record<string, unknown>>(
    phase: "pretrain" | "finetune",
    schema: z.ZodType<Progress>,
    metadata: Record<string, string>,
    extra?: Record<string, unknown>,
  ): Keeper<Progress>;
  /** Leaves the weights after a phase. */
  leaveWeights(phase: typeof WEIGHTS[number], arena: Arena, metadata: Record<string, string>): Promise<void>;
}

/** Checkpoints of one run over its phases. */
export class RunKeeper implements RunCheckpoints {
  /** The last state that was saved or found: phase and steps done. */
  saved: { phase: "pretrain" | "finetune"; iteration: number } | undefined;

  private constructor(
    readonly options: RunKeeperOptions,
    readonly start: string,
    readonly spans: RanksSpan[],
    readonly found?: FoundCheckpoint,
  ) {
    if (found) this.saved = found.header;
  }

  /** A run from its beginning: what the folder holds of checkpoints is removed, and what the run is, is written down. */
  static async fresh(options: RunKeeperOptions, start: string): Promise<RunKeeper> {
    await pruneCheckpoints(options.folder, 0);
    await writeWhole(join(options.folder, RUN), canonicalJson(options.run));
    return new RunKeeper(options, start, spansOf(options.layout));
  }

  /**
   * A run that goes on from the newest whole checkpoint of its folder, or begins when there is none.
   *
   * @throws {UserError} when the folder's run is another one, naming the first key in which it differs
   */
  static async resume(options: RunKeeperOptions, start: string): Promise<RunKeeper> {
    const { folder, run, mayDiffer, say } = options, found = await findCheckpoint(folder, say);
    const before = found?.header.run ?? await recordedRun(folder);
    if (!before) return await RunKeeper.fresh(options, start);
    const spans = spansOf(options.layout, found);
    // Ranks share a machine's cores, so with another number of ranks goes another number of threads; nor does it matter
    // before the first checkpoint.
    const free = [...mayDiffer, ...(spans.some(({ hosts }) => hosts.length > 1) || !found ? ["engine.threads"] : [])];
    const allowed = (key: string) => free.some((each) => key === each || key.startsWith(`${each}.`));
    const differs = differences(before, JSON.parse(JSON.stringify(run))).filter(({ key }) => !allowed(key));
    if (differs.length > 0) throw new UserError(refusal(folder, found?.name ?? RUN, differs));
    return new RunKeeper(options, found?.header.start ?? start, spans, found);
  }

  /**
   * The keeper of one phase.
   *
   * @param schema of its progress
   * @param extra what else belongs in its checkpoints, e.g. the record of the phase before
   */
  phase<Progress extends Record<string, unknown>>(
    phase: "pretrain" | "finetune",
    schema: z.ZodType<Progress>,
    metadata: Record<string, string>,
    extra: Record<string, unknown> = {},
  ): Keeper<Progress> {
    const { folder, run, keep, due, say } = this.options, { found, start, spans } = this;
    const save = async ({ arena, iteration, progress }: Boundary<Progress>) => {
      if (this.saved?.phase === phase && this.saved.iteration === iteration) return;
      const ranks = spans.length > 0 && { ranks: spans };
      const content = { phase, iteration, run, start, ...ranks, progress: { ...progress, ...extra } };
      await writeCheckpoint(folder, content, arena, metadata);
      this.saved = { phase, iteration };
      await pruneCheckpoints(folder, keep);
    };
    return {
      async restore(arena) {
        if (found?.header.phase !== phase) return undefined;
        const boundary = boundaryOf(found, schema, extra);
        await readCheckpoint(folder, found, arena);
        return boundary;
      },
      async offer(boundary) {
        if (!due(boundary.iteration)) return;
        try {
          await save(boundary);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          say(`${error.message}; the run goes on, its last checkpoint stays`);
        }
      },
      save,
    };
  }

  async leaveWeights(phase: typeof WEIGHTS[number], arena: Arena, metadata: Record<string, string>): Promise<void> {
    await saveWeights(join(this.options.folder, weightsFile(phase)), arena, metadata);
  }

  /** Removes the checkpoints of a run that has ended. */
  async finish(): Promise<void> {
    await pruneCheckpoints(this.options.folder, 0);
  }
}

/**
 * Where a phase goes on, and what it has recorded.
 *
 * @param extra what the checkpoint holds beside the phase's own progress
 * @throws {UserError} when the record is broken
 */
export function boundaryOf<Progress>(
  { name, header: { iteration, progress } }: FoundCheckpoint,
  schema: z.ZodType<Progress>,
  extra: Record<string, unknown>,
): Omit<Boundary<Progress>, "arena"> {
  const own = Object.entries(progress).filter(([key]) => !(key in extra));
  const parsed = schema.safeParse(Object.fromEntries(own));
  if (parsed.success) return { iteration, progress: parsed.data };
  const { path, message } = parsed.error.issues[0];
  throw new UserError(`Cannot use checkpoint ${name}: at progress.${path.join(".")}: ${message}`);
}

/**
 * What the run of a folder is, if one was begun there.
 *
 * @throws {UserError} when its record is broken
 */
export async function recordedRun(folder: string): Promise<RunIdentity | undefined> {
  const path = join(folder, RUN);
  if (!await exists(path)) return undefined;
  const text = new TextDecoder().decode(await readWhole(path));
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    throw new UserError(`Cannot resume ${folder}: ${RUN} is broken, want what the run has written there; or --fresh`);
  }
}

function refusal(folder: string, name: string, differs: ReturnType<typeof differences>): string {
  const [{ key, before, now }] = differs, more = differs.length > 1 ? `; ${differs.length - 1} more keys differ` : "";
  const code = key === "hashes.code" ? ", or --any-code to go on with other code" : "";
  return `Cannot resume ${folder}: ${key} is ${before} in ${name}, ${now} now${more}; ` +
    `want the same, or --fresh to start over${code}`;
}

/** Whether so many minutes have gone by since the last time that it was so. */
export function everyMinutes(minutes: number, now: () => number = () => performance.now()): () => boolean {
  let last = now();
  return () => {
    if (now() - last < minutes * 60_000) return false;
    last = now();
    return true;
  };
}
