import type { FreezeOutSchedule } from "../../core/schedules/freezeOut.ts";
import type { Facts } from "./convnet.ts";

const POWERS: Record<string, number> = { linear: 1, squared: 2, cubic: 3 };

/** What a variant's facts say of its schedule where they do not leave it to FreezeOut's defaults. */
export interface Variant extends Facts {
  t0: number;
  epochs: number;
  how_scale?: string;
  scale_lr?: boolean;
  lr?: number;
  wd?: number;
  opt?: "sgd" | "adamw";
  length?: number;
  nofreeze?: boolean;
}

/** The schedule of a variant of so many layers; the released VGG's counter never moves. */
export function scheduleOf(variant: Variant, name: string, layers: number): FreezeOutSchedule {
  const { t0, epochs, how_scale = "cubic", scale_lr = true, lr = 0.1, length = 1000, family } = variant;
  return {
    layers,
    t0,
    power: POWERS[how_scale],
    scaled: scale_lr,
    baseLr: lr,
    epochs,
    epochLength: length,
    counts: family !== "vgg" || name.startsWith("counterfixed_"),
  };
}
