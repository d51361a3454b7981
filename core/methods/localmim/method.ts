import { pretrainFlops } from "../../cost/flops.ts";
import type { VitConfig } from "../../models/config.ts";
import { vitTitle } from "../../models/title.ts";
import type { Method } from "../method.ts";
import type { LocalMimConfig } from "./config.ts";
import { localMimFeeder } from "./feeder.ts";
import { localMimOfficial } from "./official.ts";
import { localMimParameters, ownerOf } from "./parameters.ts";
import { localMimProgram } from "./program.ts";
import { localMimFault, localMimSchema } from "./schema.ts";
import { localMimView } from "./view.ts";

/** LocalMIM (Wang et al. 2023; thesis 3.3): HOG targets at several scales, each from a decoder behind a block of its own. */
export const localMim: Method<LocalMimConfig> = {
  schema: localMimSchema,
  fault: localMimFault,
  title: vitTitle,
  encoder({ imageSize, patchSize, embedDim, depth, numHeads, mlpRatio, stageBlocks }) {
    const vit: VitConfig = { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio };
    return { vit, layers: depth + 1, stageBlocks };
  },
  parameters: localMimParameters,
  owner: ownerOf,
  views: () => ({ views: 1, lrFactor: 1 }),
  stageLosses: ({ stageBlocks }) => stageBlocks.map((_, stage) => `loss${stage}`),
  program: (config, images, liveStages) => localMimProgram({ config, batch: images, liveStages, heads: "masked" }),
  feeder: localMimFeeder,
  flops: pretrainFlops,
  view: localMimView,
  official: localMimOfficial,
};
