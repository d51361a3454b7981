import type { z } from "zod";
import type { Program } from "../engine/program.ts";
import type { ViewsConfig } from "../masking/drawViews.ts";
import { masksByView } from "../masking/byView.ts";
import type { Mask } from "../masking/randomMask.ts";
import { type EncoderConfig, gridSize, type VitConfig } from "../models/config.ts";
import { vitTitle } from "../models/title.ts";
import type { ModelParameter } from "../models/parameters.ts";
import type { Random } from "../random/stream.ts";
import { allTokensFeeds, encoderOwner } from "./allTokens.ts";
import { allTokensView, type Drawing } from "./allTokensView.ts";
import { lrFactor, type LrRule } from "./lrFactor.ts";
import type { Method } from "./method.ts";

/** Shape of a model whose encoder sees all patches, and its views. */
export interface AllTokensConfig extends VitConfig, Omit<ViewsConfig, "pattern"> {
  /** What the learning rate is scaled by. */
  lrRule: LrRule;
}

/** Targets of a batch, [B, N, C]: from normalised images, [B, 3, S, S], from their RGB bytes, [B, S, S, 3], or from words, [B, N]. */
export type TargetsOf =
  | { from: "images"; of(images: Float32Array, count: number): Float32Array }
  | { from: "bytes"; of(pixels: Uint8Array, count: number): Float32Array }
  | { from: "given"; of(words: Float32Array): Float32Array };

/** What one of these methods has of its own. */
export interface AllTokensParts<Config> {
  schema: z.ZodType<Config>;
  fault(config: Config): string | undefined;
  encoder(config: Config): EncoderConfig;
  parameters(config: Config): ModelParameter[];
  /** Before the names of the encoder's tensors; nothing unless given. */
  prefix?: string;
  /** @param looked whether predictions come out, too */
  program(config: Config, rows: number, looked?: boolean): Program;
  /** The words that are given, where they are. */
  tokens?: Method<Config>["tokens"];
  /** Makes what is the same for every batch. */
  targets(config: Config): TargetsOf;
  draw(config: Config, grid: number, random: (view: number) => Random): Mask[];
  drawing(config: Config): Drawing;
}

/** A method whose encoder sees all patches, masked ones as a token: one target an image, whatever the number of its views. */
export function allTokensMethod<Config extends AllTokensConfig>(
  { schema, fault, encoder, parameters, prefix, program, tokens, targets, draw, drawing }: AllTokensParts<Config>,
): Method<Config> {
  return {
    schema,
    fault,
    title: vitTitle,
    encoder: (config) => ({ vit: encoder(config), layers: config.depth + 1, stageBlocks: [config.depth] }),
    parameters,
    owner: (name, { swin }) => encoderOwner(name, prefix, swin),
    views: (config) => ({ views: config.views, lrFactor: lrFactor(config) }),
    stageLosses: () => ["lossMasked"],
    program: (config, images) => program(config, images * config.views),
    ...(tokens && { tokens }),
    view(config) {
      const made = targets(config);
      if (made.from === "given") return undefined;
      return allTokensView(config, drawing(config), {
        program: (rows) => program(config, rows, true),
        draw: (grid, random) => draw(config, grid, random),
        targets: (pixels, image) => made.from === "bytes" ? made.of(pixels, 1) : made.of(image, 1),
      });
    },
    feeder(config) {
      const grid = gridSize(config), made = targets(config);
      return {
        targets: (pixels, count) => made.from === "bytes" ? [made.of(pixels, count)] : [],
        inputs(images, count, [known], random) {
          const views = masksByView(count, config.views, (image) => draw(config, grid, (view) => random(image, view)));
          const target = made.from === "bytes" ? known : made.of(made.from === "images" ? images : known, count);
          return allTokensFeeds(config, images, target, views);
        },
      };
    },
  };
}

/** Targets of single normalised images, one behind the other. */
export function perImage(each: (image: Float32Array) => Float32Array): TargetsOf {
  const of = (images: Float32Array, count: number) => {
    const size = images.length / count, all: Float32Array[] = [];
    for (let b = 0; b < count; b++) all.push(each(images.subarray(b * size, (b + 1) * size)));
    const joined = new Float32Array(count * all[0].length);
    all.forEach((target, b) => joined.set(target, b * target.length));
    return joined;
  };
  return { from: "images", of };
}
