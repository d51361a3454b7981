import type { Control, Run } from "../experiment.ts";
import { finetune, pretrain } from "../phases.ts";
import type { AllTokensModels, AllTokensRecipes } from "./allTokensSettings.ts";
import { apart, type Scale, tunedAndProbed, varied, warmupOf } from "./mimRuns.ts";
import type { MimSettings } from "./mimSettings.ts";
import { scratchControl } from "./scratch.ts";

/** Settings with a recipe for each of these methods. */
type AllTokensSettings = MimSettings & AllTokensRecipes;

/** A method whose encoder sees all patches. */
export type AllTokensName = keyof AllTokensModels;

/** The settings with a method's own recipe in place of a masked autoencoder's. */
function ofMethod(settings: AllTokensSettings, name: AllTokensName) {
  const { model, pretrain, finetune } = settings[name];
  return { ...settings, method: name, model, pretrain, finetune };
}

/** Pre-training by a method, then fine-tuning. */
export function methodRun(
  label: string,
  settings: AllTokensSettings,
  name: AllTokensName,
  variant: Scale & Partial<AllTokensModels[AllTokensName]> = {},
): Run {
  const own = varied(ofMethod(settings, name), variant);
  return { label, phases: [finetune(own, pretrain(own, null))] };
}

/** Pre-training by a method, then fine-tuning and a linear probe. */
export function methodRunAndProbe(label: string, settings: AllTokensSettings, name: AllTokensName): Run {
  return tunedAndProbed(label, varied(ofMethod(settings, name), {}));
}

/** A method's disjoint views, with the paper's learning-rate rule. */
export function disjointOf(settings: AllTokensSettings, name: AllTokensName): Scale & Record<string, unknown> {
  const { views } = settings.disjoint;
  return { ...settings[name].disjoint, views, viewRule: "disjoint", lrRule: "adaptive", ...warmupOf(settings) };
}

/**
 * What separates the parts: as many views that know nothing of each other, at the same learning rate, and fine-tuning of random
 * weights.
 */
export function methodControls(
  settings: AllTokensSettings,
  name: AllTokensName,
  title: string,
): Record<string, Control> {
  const independent = { ...disjointOf(settings, name), ...apart(settings[name].disjoint) };
  const scratch = scratchControl(ofMethod(settings, name), name);
  return {
    [`${name}_independent`]: {
      ...methodRun(`${title}, independent views`, settings, name, independent),
      like: `${name}_dm`,
    },
    [`${name}_scratch`]: { ...scratch, label: `${title} ${scratch.label}` },
  };
}
