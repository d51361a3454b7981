import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { checkSchedule, type FreezeSchedule } from "../../core/schedules/schedule.ts";
import { scaleLr } from "../../core/optim/groups.ts";
import type { RowKey } from "../../reports/results/schema.ts";
import {
  finetuneConfigSchema,
  freezeConfigSchema,
  modelConfigSchema,
  pretrainConfigSchema,
} from "../training/config.ts";

const dataConfigSchema = z.strictObject({
  /** "procedural": generated; "images": a folder or archive given by --data. */
  source: z.enum(["procedural", "images"]),
  /** Training and test images that are used; null: all there are. */
  train: z.int().min(1).nullable(),
  test: z.int().min(1).nullable(),
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

/** Tells of a value that does not fit another one. */
function conflict({ model, freeze, pretrain, finetune }: Table17Config): string | undefined {
  const grid = model.imageSize / model.patchSize;
  if (!Number.isInteger(grid) || grid % 2) {
    return `model.patchSize ${model.patchSize}: want one that divides ${model.imageSize} pixels into an even grid`;
  }
  if (model.stageBlocks.length !== model.stageScales.length) {
    return `${model.stageScales.length} model.stageScales: want one per stage, ${model.stageBlocks.length}`;
  }
  if (model.embedDim % model.numHeads || model.decoderDim % model.decoderHeads) {
    return `${model.numHeads} and ${model.decoderHeads} heads: want divisors of ${model.embedDim} and ${model.decoderDim}`;
  }
  if (freeze.backward === "cut" && freeze.clsToken === "global") {
    return "freeze.backward cut with freeze.clsToken global: want layer0, for a live class token keeps the pass uncut";
  }
  if (finetune.warmupEpochs >= finetune.epochs) {
    return `finetune.warmupEpochs ${finetune.warmupEpochs}: want fewer than the ${finetune.epochs} epochs`;
  }
  if ((finetune.mixup > 0 || finetune.cutmix > 0) && finetune.batch % 2) {
    return `finetune.batch ${finetune.batch}: want an even number, for images are mixed in pairs`;
  }
  if (pretrain.cropScale[0] > pretrain.cropScale[1]) return `pretrain.cropScale ${pretrain.cropScale}: want low, high`;
}

/**
 * Applies `--set key=value` words to a profile and checks the result.
 *
 * @param config the profile
 * @param changes words such as "pretrain.epochs=40"
 * @throws {UserError} on an unknown key or a value of the wrong kind
 */
export function resolveConfig(config: Table17Config, changes: readonly string[]): Table17Config {
  const resolved = structuredClone(config);
  for (const change of changes) applyChange(resolved, change);
  const parsed = table17ConfigSchema.safeParse(resolved);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    const found = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], resolved);
    throw new UserError(`Cannot use ${path.join(".")} ${JSON.stringify(found)}: ${message.toLowerCase()}`);
  }
  const found = conflict(parsed.data);
  if (found) throw new UserError(`Cannot use ${found}`);
  return parsed.data;
}

function applyChange(config: Table17Config, change: string): void {
  const [, key, text] = /^([^=]+)=(.*)$/s.exec(change) ?? [];
  if (!key) throw new UserError(`Cannot use --set ${change}: want key=value, e.g. pretrain.epochs=40`);
  const path = key.split("."), last = path.pop()!;
  let place: Record<string, unknown> = config;
  for (const part of path) place = (Object.hasOwn(place, part) ? place[part] : {}) as Record<string, unknown>;
  if (typeof place !== "object" || place === null || !Object.hasOwn(place, last)) {
    throw new UserError(`Cannot set unknown key ${key}: want one of ${keysOf(config).join(", ")}`);
  }
  place[last] = parseValue(text);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function keysOf(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? keysOf(inner, `${prefix}${key}.`)
      : [prefix + key]
  );
}
