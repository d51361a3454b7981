import type { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { methodOf } from "../../core/methods/mod.ts";
import type { MethodView } from "../../core/methods/view.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import { drawField } from "../../commands/visualize/draw/field.ts";
import { visibleVeil } from "../../commands/visualize/draw/veil.ts";
import { showWhole } from "../../commands/visualize/images.ts";
import { createViewer, type StageView, type Viewer } from "../../commands/visualize/view.ts";
import type { PretrainConfig } from "../../training/config.ts";
import { maskStream } from "../../training/streams.ts";
import type { Looked, Pixels } from "./messages.ts";

/** Test images that are always shown: of different shapes and textures. */
const FIXED = [0, 5, 10];
/** Side of a drawn field in its own units. */
const SIZE = 200;

/** Shows a model in training the same few pictures again and again, and any others. */
export class Looks {
  readonly #view: MethodView;
  readonly #imageSize: number;
  #viewer: Viewer | undefined;

  /**
   * @param pretrain config of the pre-training
   * @param dataset whose first test images are always shown
   */
  constructor(
    readonly engine: Engine,
    pretrain: PretrainConfig,
    readonly dataset: ImageDataset,
    readonly seed: number,
  ) {
    const { method, config } = methodOf(pretrain.method), view = method.view?.(config);
    if (!view) throw new RangeError("Cannot draw what is trained: its method says nothing of what there is to draw");
    this.#view = view;
    this.#imageSize = method.encoder(config).vit.imageSize;
  }

  /** What the weights make of the test images that are always shown. */
  async fixed(arena: Arena): Promise<Looked[]> {
    const view = this.#view, imageSize = this.#imageSize, split = this.dataset.test, all: Looked[] = [];
    for (const index of FIXED) {
      const { pixels, masks } = await showWhole(split, index, { view, imageSize, seed: this.seed });
      const label = this.dataset.classes[split.labels[index]];
      all.push(await this.#look(arena, label, true, { size: imageSize, bytes: pixels }, masks));
    }
    return all;
  }

  /** What the weights make of another picture, under the first masks there are. */
  async other(arena: Arena, name: string, picture: Pixels): Promise<Looked> {
    const at = { kind: "pretrain", seed: this.seed, epoch: 0 } as const;
    return await this.#look(arena, name, false, picture, this.#view.masks((each) => maskStream(at, 0, each)));
  }

  /** What each stage is: the block after which it looks, and how finely. */
  get stages(): string[] {
    return this.#view.stages.map(({ block, side }) => `block ${block}, ${side} x ${side} cells`);
  }

  async #look(
    arena: Arena,
    name: string,
    fixed: boolean,
    picture: Pixels,
    masks: Parameters<Viewer["view"]>[1],
  ): Promise<Looked> {
    const view = this.#view;
    const viewer = this.#viewer ??= await createViewer(this.engine, view, arena, view.stages.map(() => true));
    const stages = await viewer.view(picture.bytes, masks), { grid } = view;
    const draw = (stage: StageView, which: "target" | "prediction") =>
      drawField(stage, which, undefined, {
        cells: view.cells,
        style: "glyph",
        channel: "mean",
        raw: false,
        size: SIZE,
      });
    return {
      name,
      fixed,
      picture,
      mask: { side: grid, masked: Array.from(masks[0].mask) },
      stages: stages.filter(({ view: own }) => own === 0).map((stage) => ({
        target: draw(stage, "target"),
        prediction: draw(stage, "prediction") + visibleVeil(stage.weight, stage.side, SIZE),
      })),
      size: SIZE,
    };
  }
}
