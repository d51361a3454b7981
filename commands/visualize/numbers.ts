import type { Style } from "./draw/row.ts";
import type { LoadedModel } from "./model.ts";
import { type StageError, stageError } from "./stageError.ts";
import type { StageView } from "./view.ts";

/** One image of a drawing, in numbers. */
export interface DrawnImage {
  index: number;
  label: string;
  stages: StageView[];
}

/** What the pictures of one command have in common. */
export interface Setting {
  model: LoadedModel;
  /** The file as it is shown. */
  file: string;
  data: { name: string; sha256: string; split: string };
  seed: number;
  /** From 1; null: whole images. */
  epoch: number | null;
  style: Style;
}

/** What the errors are called. */
const KEYS = { squared: "mse", absolute: "distance", wrong: "wrong" } as const;

/** The JSON that goes with the pictures: what was drawn, and the errors of every image and stage. */
export function numbersJson({ model, file, data, seed, epoch, style }: Setting, images: readonly DrawnImage[]): string {
  const { name: method, config, sha256, made } = model;
  return `${
    JSON.stringify(
      {
        kind: "vitfreeze.visualization",
        schemaVersion: 3,
        model: { file, sha256, method, config },
        data,
        seed,
        epoch,
        style,
        target: model.view.cells,
        stages: images[0].stages.map(({ stage, view, block, side, cellPixels, prediction }) => ({
          stage: stage + 1,
          view: view + 1,
          block,
          cellsPerSide: side,
          cellPixels,
          decoder: prediction !== undefined,
          prunedAtEpoch: made?.prunedAt[stage] ?? null,
        })),
        images: images.map(({ index, label, stages }) => ({
          index,
          label,
          [KEYS[model.view.measure]]: stages.map((stage) => rounded(stageError(stage, "mean"))),
          ...(model.view.cells.kind !== "words" && {
            [`${KEYS[model.view.measure]}ByChannel`]: stages.map((stage) =>
              ([0, 1, 2] as const).map((one) => rounded(stageError(stage, one)))
            ),
          }),
        })),
      },
      null,
      2,
    )
  }\n`;
}

/** Six digits: what lies behind them depends on the order in which threads add. */
function rounded(error: StageError | undefined): StageError | null {
  const round = (value: number | null) => value === null ? null : Number(value.toPrecision(6));
  return error ? { masked: round(error.masked), visible: round(error.visible) } : null;
}
