import { patchLength } from "../config.ts";
import { convParameters, type Init, linearParameters, type ModelParameter, normParameters } from "../parameters.ts";
import { firstPerLast, type SwinConfig, type SwinStage, swinStages } from "./config.ts";

/** Weights and tables at the start (released code). */
const NORMAL: Init = { kind: "normal", std: 0.02 };

function linear(name: string, fanIn: number, fanOut: number): ModelParameter[] {
  const [weight, bias] = linearParameters(name, fanIn, fanOut);
  return [{ ...weight, init: NORMAL }, bias];
}

/** The name of a block. */
export const swinBlock = (stage: number, block: number) => `layers.${stage}.blocks.${block}`;
/** The name of what joins tokens behind a stage. */
export const merging = (stage: number) => `layers.${stage}.downsample`;

function blockParameters(name: string, { dim, heads, window }: SwinStage, mlpRatio: number): ModelParameter[] {
  return [
    ...normParameters(`${name}.norm1`, dim),
    { name: `${name}.attn.relative_position_bias_table`, shape: [(2 * window - 1) ** 2, heads], init: NORMAL },
    ...linear(`${name}.attn.qkv`, dim, 3 * dim),
    ...linear(`${name}.attn.proj`, dim, dim),
    ...normParameters(`${name}.norm2`, dim),
    ...linear(`${name}.mlp.fc1`, dim, mlpRatio * dim),
    ...linear(`${name}.mlp.fc2`, mlpRatio * dim, dim),
  ];
}

/** Parameters of a Swin transformer up to its last block, under the names of its checkpoints. */
export function swinParameters(config: SwinConfig): ModelParameter[] {
  const { mlpRatio, patchSize } = config, stages = swinStages(config), [{ dim }] = stages;
  const side = patchSize / firstPerLast(config), length = patchLength({ patchSize: side });
  return [
    ...convParameters("patch_embed.proj", [dim, 3, side, side], length, dim),
    ...normParameters("patch_embed.norm", dim),
    ...stages.flatMap((stage, s) => [
      ...Array.from({ length: stage.depth }, (_, i) => blockParameters(swinBlock(s, i), stage, mlpRatio)).flat(),
      ...(s + 1 < stages.length
        ? [
          ...normParameters(`${merging(s)}.norm`, 4 * stage.dim),
          linear(`${merging(s)}.reduction`, 4 * stage.dim, 2 * stage.dim)[0],
        ]
        : []),
    ]),
  ];
}
