import type { Method } from "../method.ts";
import { maeFeeder } from "../mae/feeder.ts";
import { mae } from "../mae/method.ts";
import { maeView } from "../mae/view.ts";
import type { ConvMaeConfig } from "./config.ts";
import { convMaeOfficial } from "./official.ts";
import { convMaeOwner, convMaeParameters } from "./parameters.ts";
import { convMaeProgram, convMaeViewProgram } from "./program.ts";
import { convMaeFault, convMaeSchema } from "./schema.ts";

/** ConvMAE (Gao et al. 2022): MAE with two convolution stages in front of the encoder; with DMJD's views and joint distillation. */
export const convMae: Method<ConvMaeConfig> = {
  schema: convMaeSchema,
  fault: convMaeFault,
  title({ embedDim, depth, patchSize, imageSize, stages: { dims, depths } }) {
    const widths = [...dims, embedDim].map((dim, stage) => `${dim}x${[...depths, depth][stage]}`);
    return `ConViT ${widths.join(", ")}, patch ${patchSize}, ${imageSize} px`;
  },
  encoder: mae.encoder,
  parameters: convMaeParameters,
  owner: convMaeOwner,
  views: mae.views,
  stageLosses: mae.stageLosses,
  program: (config, images) => convMaeProgram({ config, rows: images * config.views }),
  feeder: maeFeeder,
  view: (config) => maeView(config, { name: "ConvMAE", program: ({ rows }) => convMaeViewProgram({ config, rows }) }),
  teacher: mae.teacher,
  official: convMaeOfficial,
};
