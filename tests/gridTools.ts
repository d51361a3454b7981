import { join } from "node:path";
import type { CellProcess } from "../commands/grid/cellProcess.ts";
import { phaseFolder } from "../training/phaseFolder.ts";
import type { Cell } from "../commands/grid/plan.ts";
import type { GridRequest } from "../commands/grid/request.ts";
import { canonicalJson } from "../records/canonical.ts";
import { plainPhase } from "../records/phase.ts";
import type { PhaseRecord } from "../records/schema.ts";

/** A request with some of its parts changed; Table 17's row in which layers freeze, one seed. */
export function request(changes: Partial<GridRequest> = {}): GridRequest {
  const base = { experiment: "thesis.table17", profile: "ci", rows: ["vitfreeze"], seeds: 1, sets: [], probes: [] };
  return { ...base, passed: [], ...changes };
}

/** A record of a cell with invented numbers. */
export function recordOf({ phase, key }: Cell, changes: Partial<PhaseRecord> = {}): PhaseRecord {
  const hash = "0".repeat(64), probe = phase.kind !== "pretrain";
  return {
    kind: "vitfreeze.record",
    schemaVersion: 2,
    key,
    phase: plainPhase(phase),
    startedFrom: phase.from ? hash : null,
    asked: { experiment: "thesis.table17", profile: "ci", set: [] },
    hashes: { code: hash, data: hash, lock: hash },
    git: null,
    engine: { name: "compiled", backend: "onnx", version: "1", threads: 1 },
    machine: { cpu: "made up", cores: 2, os: "linux", arch: "x86_64", runtime: "deno" },
    dataset: { name: "procedural", classes: 10, train: 640, test: 240, skipped: 0 },
    params: 1,
    imagesPerIteration: 32,
    epochs: [],
    events: [],
    metrics: probe ? { top1: 12.5, top5: 50, loss: 2.25 } : {},
    weights: {},
    start: "2001-01-01T00:00:00.000Z",
    end: "2001-01-01T00:01:00.000Z",
    ...changes,
  };
}

/** Writes a file of a cell's folder, as its process would. */
export async function leave(run: string, cell: Cell, name: string, content: unknown): Promise<void> {
  const folder = phaseFolder(run, cell.phase);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, name), typeof content === "string" ? content : canonicalJson(content));
}

/** Processes that are none: each ends when it is told to. */
export class MadeUpProcesses {
  /** Names of the cells whose processes were started, in this order. */
  readonly started: string[] = [];
  /** Signals that processes got, as "name signal". */
  readonly signals: string[] = [];
  /** The most that lived at a time. */
  most = 0;
  readonly #living = new Map<string, (code: number) => void>();

  /** Is given instead of `startCell`. */
  readonly start = (_args: string[], log: string): Promise<CellProcess> => {
    const name = /([^/]+)\.log$/.exec(log)![1], { promise: ended, resolve } = Promise.withResolvers<number>();
    this.started.push(name);
    this.#living.set(name, resolve);
    this.most = Math.max(this.most, this.#living.size);
    return Promise.resolve({ ended, kill: (signal) => void this.signals.push(`${name} ${signal}`) });
  };

  /** Ends the process of a cell, and waits until whoever waits for it has gone on. */
  async end(name: string, code: number): Promise<void> {
    this.#living.get(name)!(code);
    this.#living.delete(name);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** The cells whose processes live. */
  get living(): string[] {
    return [...this.#living.keys()];
  }
}

/** A request for all rows. */
export function allRows(changes: Partial<GridRequest>): GridRequest {
  const { rows: _rows, ...rest } = request(changes);
  return rest;
}
