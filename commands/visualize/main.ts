// Draws what a pre-trained model predicts: for each image the targets of all stages beside the predictions in each masked view.
//
//   deno task visualize RUN --data PATH|--procedural [--images 0,5,7 | --count 4] [--split train|test] [--to DIR]

import { dirname, join } from "node:path";
import { shortPath, writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { CompiledEngine } from "../../core/engine/compiled.ts";
import { EagerEngine } from "../../core/engine/eager.ts";
import { UserError } from "../../core/errors.ts";
import { drawFigure, type Picture } from "./draw/figure.ts";
import { groupsOf, layOutRow } from "./draw/layout.ts";
import type { Row } from "./draw/row.ts";
import { type Command, parseCommand } from "./flags.ts";
import { checkIndices, type Shown, showSeen, showWhole, spread } from "./images.ts";
import { type LoadedModel, loadModel } from "./model.ts";
import { type DrawnImage, numbersJson, type Setting } from "./numbers.ts";
import { type Images, openImages } from "./openImages.ts";
import { LARGEST, LONGEST, pictureUri, renderPng } from "./render.ts";
import { checkFlags, headerOf, panelSize, pictureId, rowsOf } from "./rows.ts";
import { fieldPictures } from "./pixels.ts";
import { errorTable } from "./table.ts";
import { createViewer } from "./view.ts";

/**
 * Draws what a command line asks for.
 *
 * @throws {UserError} when it cannot be read or done
 */
export async function draw(args: string[]): Promise<void> {
  const command = parseCommand(args), model = await loadModel(command.run);
  checkFlags(model, command);
  const shown = await openImages(command, model), { dataset, split } = shown;
  const { images } = command, indices = Array.isArray(images) ? images : spread(images.count, split.length);
  checkIndices(indices, split, shown.name);
  const size = panelSize(model, command);
  checkSize(size, model, indices.length * (command.channels ? 3 : 1));
  const setting: Setting = {
    model,
    file: shortPath(model.path),
    data: { name: dataset.name, sha256: dataset.sha256, split: shown.name },
    seed: command.seed ?? model.made?.phase.seed ?? 0,
    epoch: command.epoch === undefined ? null : command.epoch + 1,
    style: command.style,
  };
  const folder = command.to ?? join(dirname(model.path), "visualized");
  const drawn = await drawImages(command, setting, shown, indices);
  const header = headerOf(setting);
  const write = async (name: string, rows: Row[], pictures: Picture[]) => {
    const svg = drawFigure({ header, rows, pictures, size });
    await writeWhole(join(folder, `${name}.svg`), svg);
    await writeWhole(join(folder, `${name}.png`), await renderPng(svg));
  };
  for (const { image, rows, pictures } of drawn) await write(`image-${shown.name}-${image.index}`, rows, pictures);
  await write("all", drawn.flatMap(({ rows }) => rows), drawn.flatMap(({ pictures }) => pictures));
  const drawnImages = drawn.map(({ image }) => image);
  await writeWhole(join(folder, "numbers.json"), numbersJson(setting, drawnImages));
  console.log(errorTable(drawnImages, model.view.learned));
  console.log(`\nwritten to ${shortPath(folder)}: all.png, all.svg, one of each per image, numbers.json`);
}

/** An image with what is drawn of it. */
interface Drawn {
  image: DrawnImage;
  rows: Row[];
  pictures: Picture[];
}

async function drawImages(
  command: Command,
  setting: Setting,
  { dataset, split, seen }: Images,
  indices: readonly number[],
): Promise<Drawn[]> {
  const { engine: name, threads, epoch } = command;
  const { model, seed } = setting, { view, method, config } = model;
  const { vit: { imageSize } } = method.encoder(config), options = { view, imageSize, seed };
  const engine = name === "compiled" ? new CompiledEngine(threads) : await EagerEngine.create();
  const viewer = await createViewer(engine, view, model.arena, model.liveStages);
  const show = (index: number): Promise<Shown> =>
    seen === undefined || epoch === undefined
      ? showWhole(split, index, options)
      : showSeen(split, index, options, epoch, seen);
  const drawn: Drawn[] = [];
  try {
    for (const index of indices) {
      const { pixels, masks } = await show(index), label = dataset.classes[split.labels[index]];
      const image = { index, label, stages: await viewer.view(pixels, masks) };
      const input = { id: pictureId(index), href: await pictureUri(pixels, imageSize) };
      const fields = await fieldPictures(pictureId(index), image.stages, view.cells, pixels, command.raw);
      const rows = rowsOf(image, masks.map(({ mask }) => mask), fields.ids, setting, command);
      drawn.push({ image, rows, pictures: [input, ...fields.pictures] });
    }
  } finally {
    viewer.dispose();
  }
  return drawn;
}

/** Makes sure that the picture of all rows can be rendered, before anything is computed. */
function checkSize(size: number, { view }: LoadedModel, rows: number): void {
  const { width, rowHeight } = layOutRow(size, groupsOf(view.stages.length, view.views)),
    height = rows * rowHeight + size;
  if (Math.max(width, height) <= LONGEST && width * height <= LARGEST) return;
  throw new UserError(
    `Cannot draw ${rows} rows of ${width} x ${rowHeight} px in one picture: want at most ${LONGEST} px a side and ` +
      `${LARGEST / 1e6} megapixels; want fewer images or a smaller --panel`,
  );
}

if (import.meta.main) await runMain(draw);
