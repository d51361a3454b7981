import { drawAnyViews } from "../../masking/rectangleViews.ts";
import { tokenCount } from "../../models/config.ts";
import { allTokens, gatherPatches } from "../../models/patches.ts";
import { allTokensMethod } from "../allTokensMethod.ts";
import type { Method } from "../method.ts";
import { type BeitConfig, beitEncoder } from "./config.ts";
import { beitParameters } from "./parameters.ts";
import { beitProgram } from "./program.ts";
import { beitFault, beitSchema } from "./schema.ts";
import { likeliest, oneHot } from "./targets.ts";
import { projectionTokenizer } from "./tokenizer.ts";

/** BEiT (Bao et al. 2022): all patches go through the encoder, words of the masked ones are told. */
export const beit: Method<BeitConfig> = allTokensMethod<BeitConfig>({
  schema: beitSchema,
  fault: beitFault,
  encoder: beitEncoder,
  parameters: beitParameters,
  program: beitProgram,
  draw: drawAnyViews,
  tokens: ({ tokenizer, vocabulary }) => tokenizer === "projection" ? undefined : { ...tokenizer, vocabulary },
  targets(config) {
    if (config.tokenizer !== "projection") return { from: "given", of: (words) => oneHot(words, config.vocabulary) };
    const tokenizer = projectionTokenizer(config);
    return {
      from: "images",
      of(images, count) {
        const patches = gatherPatches(images, config, allTokens(count, tokenCount(config)));
        return oneHot(tokenizer(patches), config.vocabulary);
      },
    };
  },
  drawing: ({ vocabulary }) => ({
    title: "BEiT",
    cells: { kind: "words" },
    measure: "wrong",
    perPatch: 1,
    length: vocabulary,
    drawn: (values) => likeliest(values, vocabulary),
  }),
});
