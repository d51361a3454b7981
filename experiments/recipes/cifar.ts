import { convNetOf } from "../../core/models/convnet/mod.ts";
import { UserError } from "../../core/errors.ts";
import type { Recipe } from "../experiment.ts";
import { CIFAR_PROFILES } from "./cifarProfiles.ts";
import { cifarSchema, type CifarSettings } from "./cifarSettings.ts";

export type { CifarSettings };

/** Classes with which a network is checked where the data are not known yet. */
const SOME_CLASSES = 10;

/** FreezeOut on convolutional networks (thesis 4.1.1 to 4.3). */
export const CIFAR: Recipe<CifarSettings> = {
  schema: cifarSchema,
  fault({ net, data: { train }, train: { validation } }) {
    try {
      convNetOf({ ...net, numClasses: SOME_CLASSES });
    } catch (error) {
      if (error instanceof UserError) return error.message.replace(/^Cannot use /, "");
      throw error;
    }
    if (train !== null && validation >= train) {
      return `train.validation ${validation}: want fewer than the ${train} images of data.train`;
    }
  },
  profiles: CIFAR_PROFILES,
};
