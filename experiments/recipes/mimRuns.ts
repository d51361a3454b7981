import type { MaeConfig } from "../../core/methods/mae/config.ts";
import {
  finetune,
  type FinetuneSettings,
  linear,
  pretrain,
  type ProbeSettings,
  type UnfrozenSettings,
} from "../phases.ts";
import type { Control, Run } from "../experiment.ts";
import type { MimSettings } from "./mimSettings.ts";
import { scratchControl } from "./scratch.ts";

/** How much of the views and of the images in a step a run takes. */
export interface Scale {
  /** Factor on the views that are seen in all; 1 unless given. */
  length?: number;
  /** Factor on the views in a step; 1 unless given. */
  batch?: number;
  /** Factor on the base learning rate; 1 unless given. */
  rate?: number;
}

/** What a run varies: its scale, and keys of the model. */
export type Variant = Scale & Partial<MaeConfig>;

/** Disjoint masking of a pattern, with the paper's learning-rate rule (DMJD III-B-1). */
export function disjoint({ disjoint }: MimSettings, pattern: MaeConfig["pattern"]): Variant {
  return { ...disjoint[pattern], pattern, views: disjoint.views, viewRule: "disjoint", lrRule: "adaptive" };
}

/** As many views that know nothing of each other: together they mask what chance makes of it. */
export function independent({ disjoint }: MimSettings, pattern: MaeConfig["pattern"]): Variant {
  const { maskRatio } = disjoint[pattern];
  return { maskRatio, predRatio: maskRatio, pattern, views: disjoint.views, viewRule: "independent", lrRule: "unique" };
}

/** Disjoint masking of cells and joint distillation: HOG is the target of masked and, by a branch of its own, of visible patches. */
export function distilled(settings: MimSettings): Variant {
  return {
    ...disjoint(settings, "cells"),
    length: settings.lengths.distillation,
    target: "hog",
    visible: { projector: "mlp3", pairing: "aligned", weight: 1 },
  };
}

/** Pre-training, then fine-tuning. */
export function mimRun(label: string, settings: MimSettings, variant: Variant): Run {
  const own = varied(settings, variant);
  return { label, phases: [finetune(own, pretrain(own, null))] };
}

/** Pre-training, then a linear probe. */
export function mimProbe(label: string, settings: MimSettings, variant: Variant): Run {
  const own = varied(settings, variant);
  return { label, phases: [linear(own, pretrain(own, null))] };
}

/** Pre-training, then fine-tuning and a linear probe. */
export function mimRunAndProbe(label: string, settings: MimSettings, variant: Variant): Run {
  return tunedAndProbed(label, varied(settings, variant));
}

/** The same by whatever method the settings name. */
export function tunedAndProbed(label: string, own: UnfrozenSettings & FinetuneSettings & ProbeSettings): Run {
  const from = pretrain(own, null);
  return { label, phases: [finetune(own, from), linear(own, from)] };
}

/** The settings of a run, length and batch given in images as phases want them. */
export function varied<S extends UnfrozenSettings & { model: { views: number } }>(
  settings: S,
  variant: Scale & Partial<S["model"]>,
): S {
  const { length = 1, batch = 1, rate = 1, ...keys } = variant, model = { ...settings.model, ...keys };
  const own = settings.pretrain, epochs = own.epochs * length / model.views;
  const pre = {
    ...own,
    epochs,
    warmupEpochs: own.warmupEpochs * epochs / own.epochs,
    batch: Math.max(1, Math.round(own.batch * batch / model.views)),
    baseLr: own.baseLr * rate,
  };
  return { ...settings, model, pretrain: pre };
}

/**
 * What separates disjoint masking's parts: as many independent views, the same mask twice, a single view in as many updates of
 * as few images, and training from scratch.
 *
 * @param like the row of disjoint masking
 * @param baseline the row of a single view
 */
export function viewControls(settings: MimSettings, like: string, baseline: string): Record<string, Control> {
  const dm = disjoint(settings, "uniform"), { maskRatio } = settings.disjoint.uniform;
  return {
    independent: { ...mimRun("independent views", settings, independent(settings, "uniform")), like },
    same_mask: { ...mimRun("the same mask twice", settings, { ...dm, predRatio: maskRatio }), like },
    single_updates: {
      ...mimRun("a single view, equal updates", settings, {
        batch: 1 / settings.disjoint.views,
        length: 1 / settings.disjoint.views,
      }),
      like: baseline,
    },
    scratch: scratchControl(settings, baseline),
  };
}
