import { drawViews } from "../../masking/drawViews.ts";
import { patchLength, tokenCount } from "../../models/config.ts";
import { allTokens, gatherPatches } from "../../models/patches.ts";
import { allTokensMethod } from "../allTokensMethod.ts";
import type { Method } from "../method.ts";
import { type SimMimConfig, simMimEncoder } from "./config.ts";
import { PREFIX, simMimParameters } from "./parameters.ts";
import { simMimProgram } from "./program.ts";
import { simMimFault, simMimSchema } from "./schema.ts";

/** SimMIM (Xie et al. 2022) on a vision transformer: all patches go through the encoder, pixels of the masked ones are predicted. */
export const simMim: Method<SimMimConfig> = allTokensMethod<SimMimConfig>({
  schema: simMimSchema,
  fault: simMimFault,
  encoder: simMimEncoder,
  parameters: simMimParameters,
  prefix: PREFIX,
  program: simMimProgram,
  draw: drawViews,
  // Pixels by (channel, row, column), as the convolution that predicts them has them.
  targets: (config) => ({
    from: "images",
    of: (images, count) => gatherPatches(images, config, allTokens(count, tokenCount(config))),
  }),
  drawing: (config) => ({
    title: "SimMIM",
    cells: { kind: "pixels", norm: "image" },
    measure: "absolute",
    perPatch: 1,
    length: patchLength(config),
    drawn: (values) => values,
  }),
});
