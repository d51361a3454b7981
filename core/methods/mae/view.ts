import type { Program } from "../../engine/program.ts";
import { drawViews } from "../../masking/drawViews.ts";
import { gridSize, patchLength, tokenCount } from "../../models/config.ts";
import { hogCells, type HogOrder, pixelCells } from "../patchCells.ts";
import type { CellKind, MethodView } from "../view.ts";
import { HOG_BINS, HOG_CELLS, isHog, type MaeConfig, type MaeOptions, targetLength } from "./config.ts";
import { maeFeeds } from "./feeds.ts";
import { maeViewProgram } from "./sidePrograms.ts";
import { hogTargets, pixelTargets } from "./targets.ts";

/** DMJD's order: (cell row, cell column, bin, channel). */
const ORDER: HogOrder = {
  cells: HOG_CELLS,
  bins: HOG_BINS,
  place: (row, column, bin, channel) => ((row * HOG_CELLS + column) * HOG_BINS + bin) * 3 + channel,
};

const KINDS: Partial<Record<MaeConfig["target"], CellKind>> = {
  pixels: { kind: "pixels", norm: "image" },
  normPixels: { kind: "pixels", norm: "patch" },
  hog: { kind: "hog", form: "dmjd", norm: "whitened" },
  hogL2: { kind: "hog", form: "dmjd", norm: "length" },
};

/** How a masked autoencoder of some kind is drawn. */
export interface MaeDrawing {
  /** As its paper calls it. */
  name: string;
  program(options: MaeOptions): Program;
}

const MAE: MaeDrawing = { name: "MAE", program: (options) => maeViewProgram(options) };

/**
 * Targets of all patches as in training, and in every view predictions of all: by the branch for visible patches where it is.
 * Nothing of a teacher's features, which are no picture.
 */
export function maeView(config: MaeConfig, { name, program }: MaeDrawing = MAE): MethodView | undefined {
  const kind = KINDS[config.target];
  if (!kind) return undefined;
  const grid = gridSize(config),
    C = targetLength(config),
    each = tokenCount(config) * C,
    { patchSize, views, depth } = config;
  const hog = isHog(config), length = patchLength(config);
  const cells = (values: Float32Array) => hog ? hogCells(values, grid, ORDER) : pixelCells(values, length);
  return {
    cells: kind,
    measure: "squared",
    title: config.visible ? `${name} with joint distillation` : name,
    maskRatio: config.maskRatio,
    grid,
    views,
    learned: config.visible ? "all" : "masked",
    stages: [
      hog
        ? { block: depth, side: grid * HOG_CELLS, cellPixels: patchSize / HOG_CELLS }
        : { block: depth, side: grid, cellPixels: patchSize },
    ],
    masks: (random) => drawViews(config, grid, random),
    targets: (pixels, image) => [cells(hog ? hogTargets(config, pixels, 1) : pixelTargets(config, image, 1))],
    program: () => program({ config, rows: views }),
    inputs: (image, masks) => maeFeeds(config, image, new Float32Array(each), masks.map((mask) => [mask])),
    prediction: ({ predicted }, _, view) => cells(predicted.subarray(view * each, (view + 1) * each)),
  };
}
