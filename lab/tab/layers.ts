/** The layers of the model: which still train, and at which rate beside the largest there was. */
export class LayerList {
  readonly #items: { item: HTMLLIElement; rate: HTMLElement; state: HTMLElement }[];
  readonly #frozenAt: (number | undefined)[];
  #largest = 0;

  constructor(place: HTMLElement, names: readonly string[]) {
    place.replaceChildren();
    this.#frozenAt = names.map(() => undefined);
    this.#items = names.map((name) => {
      const item = document.createElement("li"), title = document.createElement("span");
      const track = document.createElement("div"),
        rate = document.createElement("div"),
        state = document.createElement("span");
      title.textContent = name;
      rate.className = "rate";
      state.className = "state";
      track.append(rate);
      item.append(title, track, state);
      place.append(item);
      return { item, rate, state };
    });
  }

  show(live: readonly boolean[], rates: readonly number[], step: number): void {
    this.#largest = Math.max(this.#largest, ...rates);
    this.#items.forEach(({ item, rate, state }, layer) => {
      if (!live[layer]) this.#frozenAt[layer] ??= step;
      const lr = live[layer] ? rates[layer] : 0;
      item.classList.toggle("frozen", !live[layer]);
      rate.style.width = `${100 * lr / (this.#largest || 1)}%`;
      rate.hidden = !live[layer];
      state.textContent = live[layer] ? lr.toExponential(1) : `frozen at ${this.#frozenAt[layer]}`;
    });
  }
}
