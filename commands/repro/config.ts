import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { checkSchedule, type FreezeSchedule } from "../../core/schedules/schedule.ts";
import { scaleLr } from "../../core/optim/groups.ts";
import type { RowKey } from "../../records/schema.ts";
import { conflict } from "./conflicts.ts";
import {
  finetuneConfigSchema,
  freezeConfigSchema,
  modelConfigSchema,
  pretrainConfigSchema,
} from "../../training/config.ts";

const wantedCount = "a whole number of at least 1, or null for all";
const imageCount = z.number(wantedCount).refine((n) => Number.isInteger(n) && n >= 1, wantedCount).nullable();

const dataConfigSchema = z.strictObject({
  /** "procedural": generated; "images": a folder or archive given by --data. */
  source: z.enum(["procedural", "images"], "procedural or images"),
  /** Training and test images that are used; null: all there are. */
  train: imageCount,
  test: imageCount,
});

/** A profile of the Table 17 experiment: one scale at which its four rows are run. */
export const table17ConfigSchema = z.strictObject({
  data: dataConfigSchema,
  model: modelConfigSchema,
  pretrain: pretrainConfigSchema,
  freeze: freezeConfigSchema,
  finetune: finetuneConfigSchema,
});
export type Table17Config = z.infer<typeof table17ConfigSchema>;

/** What distinguishes the rows of Table 17 from each other (thesis 4.5.3). */
export const ROWS: Record<RowKey, { label: string; freezes: boolean; scaled: boolean; srLr: boolean }> = {
  localmim: { label: "LocalMIM-HOG", freezes: false, scaled: true, srLr: false },
  vitfreeze: { label: "ViTFreeze", freezes: true, scaled: true, srLr: false },
  vitfreeze_unscaled: { label: "ViTFreeze w/o LR scaling", freezes: true, scaled: false, srLr: false },
  vitfreeze_srlr: { label: "ViTFreeze w/ SR-LR", freezes: true, scaled: true, srLr: true },
};

/**
 * The pre-training schedule of one row. LocalMIM is t0 = 1: every layer follows the global cosine.
 *
 * @param iterationsPerEpoch optimiser steps per epoch
 * @throws {UserError} when the settings do not make a schedule
 */
export function rowSchedule(config: Table17Config, row: RowKey, iterationsPerEpoch: number): FreezeSchedule {
  const { freezes, scaled, srLr } = ROWS[row], { pretrain, freeze, model } = config;
  if (srLr && freeze.t0 === 1) {
    throw new UserError(
      `Cannot run row ${row} with freeze.t0 1: SR-LR has no effect where nothing freezes; want a t0 below 1`,
    );
  }
  return checkSchedule({
    layers: model.depth + 1,
    stageBlocks: model.stageBlocks,
    t0: freezes ? freeze.t0 : 1,
    power: freeze.power,
    scaled,
    ...(srLr && { srLr: freeze.srLrPower }),
    baseLr: scaleLr(pretrain.baseLr, pretrain.batch * pretrain.accumulation),
    minLr: pretrain.minLr,
    epochs: pretrain.epochs,
    warmupEpochs: pretrain.warmupEpochs,
    iterationsPerEpoch,
    form: freeze.form,
    decoders: freeze.decoders,
    clsToken: freeze.clsToken,
  });
}

/**
 * Applies `--set key=value` words to a profile and checks the result.
 *
 * @param config the profile
 * @param changes words such as "pretrain.epochs=40"
 * @throws {UserError} on an unknown key, a value of the wrong kind, or one that does not fit the others
 */
export function resolveConfig(config: Table17Config, changes: readonly string[]): Table17Config {
  const resolved = structuredClone(config);
  for (const change of changes) applyChange(resolved, change);
  const parsed = table17ConfigSchema.safeParse(resolved);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    const found = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], resolved);
    throw new UserError(`Cannot use ${path.join(".")} ${JSON.stringify(found)}: want ${message}`);
  }
  const found = conflict(parsed.data);
  if (found) throw new UserError(`Cannot use ${found}`);
  return parsed.data;
}

function applyChange(config: Table17Config, change: string): void {
  const [, key, text] = /^([^=]+)=(.*)$/s.exec(change) ?? [];
  if (!key) throw new UserError(`Cannot use --set ${change}: want key=value, e.g. pretrain.epochs=40`);
  const [section, name, ...deeper] = key.split(".");
  if (!Object.hasOwn(config, section)) {
    const wanted = Object.keys(config).map((known) => `${known}.…`).join(", ");
    throw new UserError(`Cannot set unknown key ${key}: want one of ${wanted}`);
  }
  const place: Record<string, unknown> = config[section as keyof Table17Config];
  if (!name || deeper.length || !Object.hasOwn(place, name)) {
    const wanted = Object.keys(place).map((known) => `${section}.${known}`).join(", ");
    throw new UserError(`Cannot set unknown key ${key}: want one of ${wanted}`);
  }
  place[name] = parseValue(text);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
