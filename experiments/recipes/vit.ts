import { localMimFault } from "../../core/methods/localmim/schema.ts";
import type { Recipe } from "../experiment.ts";
import { trainingFault } from "./fault.ts";
import { evidence, evidenceSmall } from "./evidenceProfiles.ts";
import { ci, cifar10, cifar10Full, laptop, paper, tinyimagenet } from "./vitProfiles.ts";
import { vitSchema, type VitSettings } from "./vitSettings.ts";

export type { VitSettings };

/** The ViT tables of the thesis (4.4 to 4.6) and of the ViTFreeze paper. */
export const VIT: Recipe<VitSettings> = {
  schema: vitSchema,
  fault: (settings) => prefixed(localMimFault(settings.model)) ?? trainingFault(settings),
  profiles: {
    ci,
    laptop,
    cifar10,
    "cifar10-full": cifar10Full,
    evidence,
    "evidence-small": evidenceSmall,
    tinyimagenet,
    paper,
  },
};

function prefixed(fault: string | undefined): string | undefined {
  return fault && `model.${fault}`;
}
