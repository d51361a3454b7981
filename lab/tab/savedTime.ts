/** Steps that are not counted: the first ones make what later ones find. */
const WARM = 2;
/** Steps that tell what a step costs where nothing is frozen, at least. */
const LEAST = 3;

/** How much of a training's time freezing has saved so far: what its steps took, beside what they took before the first freeze. */
export class SavedTime {
  readonly #whole: number[] = [];
  #taken = 0;
  #steps = 0;
  #isFrozen = false;

  /** Adds a step. */
  add(seconds: number): void {
    this.#steps++;
    if (this.#steps <= WARM) return;
    if (!this.#isFrozen) this.#whole.push(seconds);
    this.#taken += seconds;
  }

  /** Says whether layers are frozen in the step that comes. */
  froze(isFrozen: boolean): void {
    this.#isFrozen ||= isFrozen;
  }

  /** The share that was saved; null where nothing is frozen yet, or too few steps tell what one costs. */
  share(): number | null {
    if (!this.#isFrozen || this.#whole.length < LEAST) return null;
    const sorted = this.#whole.toSorted((a, b) => a - b), usual = sorted[sorted.length >> 1];
    const counted = this.#steps - WARM, before = this.#whole.reduce((sum, each) => sum + each, 0);
    const wanted = before + usual * (counted - this.#whole.length);
    return 1 - this.#taken / wanted;
  }
}
