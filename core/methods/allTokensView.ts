import type { Program } from "../engine/program.ts";
import type { Mask } from "../masking/randomMask.ts";
import { gridSize, tokenCount, type VitConfig } from "../models/config.ts";
import type { Random } from "../random/stream.ts";
import { allTokensFeeds } from "./allTokens.ts";
import type { CellKind, Measure, MethodView } from "./view.ts";

/** How what a method predicts is drawn. */
export interface Drawing {
  /** As its paper calls it. */
  title: string;
  cells: CellKind;
  measure: Measure;
  /** Cells per side of a patch. */
  perPatch: number;
  /** Numbers that are predicted of a patch. */
  length: number;
  /** Targets or predictions of all patches, [N, length], as cells with channels outermost. */
  drawn(values: Float32Array): Float32Array;
}

/** What a drawing needs of a method whose encoder sees all patches. */
export interface AllTokensDrawn {
  /** In all views, with predictions. */
  program(rows: number): Program;
  draw(grid: number, random: (view: number) => Random): Mask[];
  /** Targets of an image, [N, length]. */
  targets(pixels: Uint8Array, image: Float32Array): Float32Array;
}

/** Targets of all patches as in training, and in every view predictions of all, visible ones too, which no loss looks at. */
export function allTokensView(
  config: VitConfig & { maskRatio: number; views: number },
  { title, cells, measure, perPatch, length, drawn }: Drawing,
  { program, draw, targets }: AllTokensDrawn,
): MethodView {
  const { maskRatio, views, depth, patchSize } = config, grid = gridSize(config), each = tokenCount(config) * length;
  return {
    cells,
    measure,
    title,
    maskRatio,
    grid,
    views,
    learned: "masked",
    stages: [{ block: depth, side: grid * perPatch, cellPixels: patchSize / perPatch }],
    masks: (random) => draw(grid, random),
    targets: (pixels, image) => [drawn(targets(pixels, image))],
    program: () => program(views),
    inputs: (image, masks) => allTokensFeeds(config, image, new Float32Array(each), masks.map((mask) => [mask])),
    prediction: ({ predicted }, _, view) => drawn(predicted.subarray(view * each, (view + 1) * each)),
  };
}
