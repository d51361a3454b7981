import type { Looked, Pixels } from "./messages.ts";

const MASKED = 0x80;

/** The pictures that the model looks at, each with what is masked, what it is to predict, and what it predicts. */
export class LookList {
  readonly #looked = new Map<string, Looked>();
  #stage = 0;

  constructor(readonly place: HTMLElement) {}

  /** Takes what the model makes of pictures now. */
  take(all: readonly Looked[]): void {
    for (const looked of all) this.#looked.set(`${looked.fixed} ${looked.name}`, looked);
    this.#draw();
  }

  /** Forgets all pictures: another model is to look at them. */
  clear(): void {
    this.#looked.clear();
    this.#stage = 0;
    this.#draw();
  }

  /** Shows another stage. */
  chooseStage(stage: number): void {
    this.#stage = stage;
    this.#draw();
  }

  /** The pictures of the person, newest first, then those that are always shown. */
  #draw(): void {
    const all = [...this.#looked.values()], own = all.filter(({ fixed }) => !fixed).reverse();
    this.place.replaceChildren(...[...own, ...all.filter(({ fixed }) => fixed)].map((looked) => this.#row(looked)));
  }

  #row({ name, picture, mask, stages, size }: Looked): HTMLElement {
    const row = document.createElement("div"),
      title = document.createElement("h3"),
      { target, prediction } = stages[this.#stage];
    row.className = "look";
    title.textContent = name;
    const field = (svg: string, label: string) => {
      const holder = document.createElement("div");
      holder.innerHTML = `<svg viewBox="0 0 ${size} ${size}" role="img">${svg}</svg>`;
      holder.firstElementChild!.setAttribute("aria-label", `${label} of ${name}`);
      return figure(holder.firstElementChild!, label);
    };
    row.append(
      title,
      figure(maskedCanvas(picture, mask, `${name}, masked`), "seen"),
      field(target, "to predict"),
      field(prediction, "predicted"),
    );
    return row;
  }
}

function figure(content: Element, caption: string): HTMLElement {
  const made = document.createElement("figure"), words = document.createElement("figcaption");
  words.textContent = caption;
  made.append(content, words);
  return made;
}

function maskedCanvas({ size, bytes }: Pixels, { side, masked }: Looked["mask"], label: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas"), patch = size / side;
  canvas.width = canvas.height = size;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  const context = canvas.getContext("2d")!, image = context.createImageData(size, size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * size + x, isMasked = masked[Math.floor(y / patch) * side + Math.floor(x / patch)] === 1;
      for (let c = 0; c < 3; c++) image.data[4 * at + c] = isMasked ? MASKED : bytes[3 * at + c];
      image.data[4 * at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
