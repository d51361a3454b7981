import { pretrain } from "../../../experiments/phases.ts";
import { MIM } from "../../../experiments/recipes/mim.ts";
import { disjoint, varied } from "../../../experiments/recipes/mimRuns.ts";
import { type PretrainConfig, pretrainConfigSchema } from "../../../training/config.ts";

/** The profile whose pre-training is taken apart. */
export const PROFILE = "twin";
/** Masked views of an image. */
export const VIEWS = [1, 2, 3] as const;
/** What is predicted: MAE's target, which takes no time, and DMJD's, which takes some. */
export const TARGETS = ["normPixels", "hog"] as const;

/** A pre-training of twin that is taken apart. */
export interface ViewsCase {
  target: typeof TARGETS[number];
  views: number;
  config: PretrainConfig;
}

/**
 * MAE with one view of an image and with several disjoint ones that together mask all of it, in steps of as many views.
 *
 * @param views of a step, a multiple of each of VIEWS
 */
export function viewsCases(views: number): ViewsCase[] {
  const settings = { ...MIM.profiles[PROFILE], seed: 0 };
  return TARGETS.flatMap((target) =>
    VIEWS.map((each) => {
      // Steps are measured, so every case may have the epochs of one view: whole ones.
      const several = each > 1 ? { ...disjoint(settings, "uniform"), views: each, length: each } : {};
      const config = pretrainConfigSchema.parse(pretrain(varied(settings, { ...several, target }), null).config);
      return { target, views: each, config: { ...config, batch: views / each, accumulation: 1 } };
    })
  );
}
