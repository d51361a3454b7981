import type { LocalMimConfig } from "../methods/localmim/config.ts";
import { type Cost, sumCosts, times } from "./cost.ts";
import { wholeDecoderBackward, wholeDecoderForward } from "./decoderWhole.ts";
import { sharedDecoderBackward, sharedDecoderForward } from "./decoderShared.ts";
import { type Backward, type EmbedTokens, encoderBackward, encoderForward, patchEmbedCost } from "./encoder.ts";
import { headBackward, headForward, type HeadTokens } from "./head.ts";
import { hogCost, type HogForm } from "./hog.ts";
import { optimiserCost } from "./optimiser.ts";
import type { CostState } from "./state.ts";

/** The parts of a pre-training step, in the order they are done. */
export const STEP_PARTS = [
  "hog",
  "patchEmbed",
  "encoderForward",
  "decoderForward",
  "headForward",
  "headBackward",
  "decoderBackward",
  "encoderBackward",
  "optimiser",
] as const;
export type StepPart = typeof STEP_PARTS[number];

/** How a program does the work, where programs differ. */
export interface CodeChoices {
  backward: Backward;
  /** "masked": decoders and heads compute what the masked tokens' loss needs; "all": everything for all tokens. */
  heads: HeadTokens;
  hog: HogForm;
  embed: EmbedTokens;
}

/** This project's program. */
export const OUR_CHOICES: CodeChoices = { backward: "cut", heads: "masked", hog: "shared", embed: "visible" };

/** The released program of ViTFreeze. */
export const RELEASED_CHOICES: CodeChoices = { backward: "live", heads: "all", hog: "perScale", embed: "all" };

/** What a step is, besides model and freeze state. */
export interface StepOptions extends CodeChoices {
  /** Images of a forward pass. */
  batch: number;
  /** Forward and backward passes per update. */
  accumulation: number;
}

/** The work of one optimiser step. */
export interface StepCost {
  parts: Record<StepPart, Cost>;
  /** Images of the step. */
  images: number;
  /** Forward and backward passes of the step. */
  passes: number;
}

/** The work of one optimiser step of LocalMIM in a freeze state, from shapes alone. */
export function stepCost(config: LocalMimConfig, state: CostState, options: StepOptions): StepCost {
  const { batch, accumulation, backward, heads, hog, embed } = options, images = batch * accumulation;
  const stages = config.stageBlocks.map((_, stage) => stage).filter((stage) => state.liveStages[stage]);
  const ofImage: Record<Exclude<StepPart, "optimiser">, Cost> = {
    hog: hogCost(config, state.liveStages, hog),
    patchEmbed: patchEmbedCost(config, state, embed),
    encoderForward: encoderForward(config, state),
    decoderForward: sumCosts(stages.map((stage) => {
      return heads === "all" ? wholeDecoderForward(config) : sharedDecoderForward(config, stage, batch);
    })),
    headForward: sumCosts(stages.map((stage) => headForward(config, stage, heads))),
    headBackward: sumCosts(stages.map((stage) => headBackward(config, stage, heads))),
    decoderBackward: sumCosts(stages.map((stage) => {
      return heads === "all" ? wholeDecoderBackward(config) : sharedDecoderBackward(config, stage, batch);
    })),
    encoderBackward: encoderBackward(config, state, backward),
  };
  const parts = Object.fromEntries(Object.entries(ofImage).map(([part, each]) => [part, times(images, each)]));
  return {
    parts: { ...parts, optimiser: optimiserCost(config, state, accumulation) } as Record<StepPart, Cost>,
    images,
    passes: accumulation,
  };
}

/** The work of all parts together. */
export function wholeStep({ parts }: StepCost): Cost {
  return sumCosts(STEP_PARTS.map((part) => parts[part]));
}
