import { normalize } from "node:path";
import { differences } from "../../core/checkpoint/difference.ts";
import { ROWS, rowSchedule, table17ConfigSchema } from "../repro/config.ts";
import { parseCommand } from "../repro/flags.ts";
import { PROFILES } from "../repro/profiles.ts";
import { finishedResult, resultPath, rowFolder } from "../repro/rowFolder.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { type RowKey, rowKeys, runResultSchema } from "../../records/schema.ts";
import { z } from "zod";
import type { Experiment } from "./experiments.ts";

const { profile, row, seed, hashes, engine } = runResultSchema.shape;
const runSchema = z.object({ profile, row, seed, engine, data: hashes.shape.data, config: table17ConfigSchema });

/** Table 17 of the thesis as an experiment of grids. */
export const table17: Experiment = {
  task: "repro:table17",
  rows: rowKeys,
  defaultProfile: "laptop",
  passed: {
    data: { value: "PATH", help: "image folder or archive of every cell" },
    classes: { value: "LIST", help: "classes of every cell" },
    "skip-bad": { help: "leave unreadable images out" },
    engine: { value: "NAME", help: "compiled or eager" },
    backend: { value: "NAME", help: "tfjs backend of the eager engine" },
    threads: { value: "N", help: "threads of each cell (default: the cores, divided by --jobs)" },
    every: { value: "MIN", help: "minutes between two checkpoints" },
    keep: { value: "N", help: "checkpoints that stay" },
    "any-code": { help: "accept checkpoints of another version of the code" },
  },
  ineffective(row) {
    const { freezes, srLr } = ROWS[row as RowKey];
    return [...(freezes ? [] : ["freeze.t0"]), ...(srLr ? [] : ["freeze.srLrPower"])];
  },
  resolve(words) {
    const { profile, config, rows: [row], seeds: [seed], engine, backend, data, classes, skipBad } = parseCommand(
      words,
    );
    const changed = differences(PROFILES[profile], config).map(({ key, now }): [string, string] => [key, now]);
    return {
      settings: {
        profile,
        config,
        row,
        seed,
        engine: engine === "eager" ? `eager ${backend}` : engine,
        ...(data !== undefined && { data: normalize(data) }),
        ...(classes !== undefined && { classes }),
        skipBad,
      },
      changed,
    };
  },
  folder: (root, row, seed) => rowFolder(root, row as RowKey, seed),
  resultPath,
  finished: finishedResult,
  threads(run) {
    const known = runSchema.safeParse(run);
    return known.success && known.data.engine.name === "compiled" ? known.data.engine.threads : undefined;
  },
  isResultOf(run, result) {
    if (run.row !== result.row || run.seed !== result.seed) return false;
    const known = runSchema.safeParse(run);
    if (!known.success) return false;
    const { data: { config, row, seed, profile, data, engine } } = known;
    const { name: _name, ...model } = result.config.model as Record<string, unknown>;
    const { pretrain, freeze, finetune } = result.config;
    const perEpoch = result.pretrain.iterations / config.pretrain.epochs;
    const wanted = {
      ...{ row, seed, profile, data, engine, model: config.model, pretrain: config.pretrain },
      freeze: { ...rowSchedule(config, row, perEpoch), backward: config.freeze.backward },
      finetune: config.finetune,
    };
    const found = {
      ...{ row: result.row, seed: result.seed, profile: result.profile, data: result.hashes.data },
      ...{ engine: result.engine, model, pretrain, freeze, finetune },
    };
    return canonicalJson(wanted) === canonicalJson(found);
  },
};
