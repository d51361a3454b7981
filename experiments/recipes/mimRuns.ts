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
import type { MimSettings, Rates } from "./mimSettings.ts";
import { scratchControl } from "./scratch.ts";

/** How much of the views and of the images in a step a run takes, and how it sees them. */
export interface Scale {
  /** Factor on the views that are seen in all; 1 unless given. */
  length?: number;
  /** Factor on the views in a step; 1 unless given. */
  batch?: number;
  /** Factor on the base learning rate; 1 unless given. */
  rate?: number;
  /** Crops of each image in a step, which count as views; 1 unless given. */
  crops?: number;
  /** Warm-up, in epochs; the baseline's share of the length unless given. */
  warmupEpochs?: number;
  /** Range of the area of a random crop; the baseline's unless given. */
  cropScale?: [number, number];
}

/** What a run varies: its scale, and keys of the model. */
export type Variant = Scale & Partial<MaeConfig>;

/** Disjoint masking of a pattern, with the paper's learning-rate rule (DMJD III-B-1) and warm-up. */
export function disjoint(settings: Pick<MimSettings, "disjoint">, pattern: MaeConfig["pattern"]): Variant {
  const { views, [pattern]: rates } = settings.disjoint;
  return { ...rates, pattern, views, viewRule: "disjoint", lrRule: "adaptive", ...warmupOf(settings) };
}

/** Warm-up of several views, where it does not follow the baseline's. */
export function warmupOf({ disjoint: { warmupEpochs } }: Pick<MimSettings, "disjoint">): Pick<Scale, "warmupEpochs"> {
  return warmupEpochs === null ? {} : { warmupEpochs };
}

/** As many views of a pattern that know nothing of each other; see `apart`. */
export function independent(settings: Pick<MimSettings, "disjoint">, pattern: MaeConfig["pattern"]): Variant {
  return { ...disjoint(settings, pattern), ...apart(settings.disjoint[pattern]) };
}

/**
 * What makes independent views of disjoint ones: together they mask what chance makes of it. Their learning rate is that of disjoint
 * views, so masks alone differ; equation 4 would have it lower, by the share that chance leaves unmasked.
 */
export function apart({ maskRatio, predRatio }: Rates) {
  return { predRatio: maskRatio, viewRule: "independent", lrRule: "unique", rate: predRatio / maskRatio } as const;
}

/** As many crops of an image with a view each, at the learning rate of disjoint views of one crop. */
function severalCrops(settings: MimSettings, pattern: MaeConfig["pattern"]): Variant {
  const { views, [pattern]: { maskRatio, predRatio } } = settings.disjoint;
  const rate = predRatio / maskRatio / views;
  return { pattern, maskRatio, predRatio: maskRatio, crops: views, rate, ...warmupOf(settings) };
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
  const { length = 1, batch = 1, rate = 1, crops = 1, warmupEpochs, cropScale, ...keys } = variant;
  const model = { ...settings.model, ...keys }, own = settings.pretrain;
  const epochs = own.epochs * length / (model.views * crops);
  const pre = {
    ...own,
    epochs,
    warmupEpochs: warmupEpochs ?? own.warmupEpochs * epochs / own.epochs,
    batch: Math.max(1, Math.round(own.batch * batch / model.views)),
    baseLr: own.baseLr * rate,
    cropScale: cropScale ?? own.cropScale,
    ...(crops > 1 && { cropsPerImage: crops }),
  };
  return { ...settings, model, pretrain: pre };
}

/**
 * What separates disjoint masking's parts: as many independent views, at its learning rate and at that of a single view; as many
 * crops; the same mask twice; a single view in as many updates of as few images, and in as many seconds; and training from scratch.
 *
 * @param like the row of disjoint masking
 * @param baseline the row of a single view
 */
export function viewControls(settings: MimSettings, like: string, baseline: string): Record<string, Control> {
  const dm = disjoint(settings, "uniform"), { maskRatio } = settings.disjoint.uniform;
  return {
    ...independentControls(settings, like, "uniform"),
    two_crops: { ...mimRun("as many crops, a view of each", settings, severalCrops(settings, "uniform")), like },
    same_mask: { ...mimRun("the same mask twice", settings, { ...dm, predRatio: maskRatio }), like },
    single_updates: {
      ...mimRun("a single view, equal updates", settings, {
        batch: 1 / settings.disjoint.views,
        length: 1 / settings.disjoint.views,
      }),
      like: baseline,
    },
    single_seconds: {
      ...mimRun("a single view, equal seconds", settings, { length: settings.lengths.seconds }),
      like,
    },
    scratch: scratchControl(settings, baseline),
  };
}

/** Independent views at the learning rate of the disjoint ones beside which they stand, and at that of single ones. */
export function independentControls(
  settings: MimSettings,
  like: string,
  pattern: MaeConfig["pattern"],
  length = 1,
): Record<string, Control> {
  const own = { ...independent(settings, pattern), length }, suffix = pattern === "cells" ? "_cells" : "";
  const words = pattern === "cells" ? "independent views, cells" : "independent views";
  return {
    [`independent${suffix}`]: { ...mimRun(words, settings, own), like },
    [`independent${suffix}_unique`]: {
      ...mimRun(`${words}, rate of single ones`, settings, { ...own, rate: 1 }),
      like,
    },
  };
}
