import { encoderOf } from "../../models/config.ts";
import { vitTitle } from "../../models/title.ts";
import { lrFactor } from "../lrFactor.ts";
import type { Method } from "../method.ts";
import type { MaeConfig } from "./config.ts";
import { maeFeeder } from "./feeder.ts";
import { maeOwner, maeParameters } from "./parameters.ts";
import { maeProgram } from "./program.ts";
import { maeFault, maeSchema } from "./schema.ts";
import { maeEncoderProgram } from "./sidePrograms.ts";
import { maeView } from "./view.ts";

/** Masked autoencoders (He et al. 2022), with several masked views of an image and joint distillation (Ma et al. 2023). */
export const mae: Method<MaeConfig> = {
  schema: maeSchema,
  fault: maeFault,
  title: vitTitle,
  encoder: (config) => ({ vit: encoderOf(config), layers: config.depth + 1, stageBlocks: [config.depth] }),
  parameters: maeParameters,
  owner: maeOwner,
  views: (config) => ({ views: config.views, lrFactor: lrFactor(config) }),
  stageLosses: () => ["lossMasked"],
  program: (config, images) => maeProgram({ config, rows: images * config.views }),
  feeder: maeFeeder,
  teacher: ({ teacher }) => teacher,
  view: maeView,
  encoderProgram: (config, images) => maeEncoderProgram({ config, rows: images * config.views }),
};
