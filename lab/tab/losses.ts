/** Points of a line, at most: of more, each stands for the mean of a few. */
const MOST = 240;
const WIDTH = 640, HEIGHT = 260, LEFT = 44, BOTTOM = 24, TOP = 8, RIGHT = 8;

/** The losses of all stages over the steps, as they come. */
export class LossCurves {
  readonly #values: (number | null)[][];

  constructor(readonly place: HTMLElement, readonly names: readonly string[], readonly steps: number) {
    this.#values = names.map(() => []);
  }

  add(stages: readonly (number | null)[]): void {
    stages.forEach((value, k) => this.#values[k].push(value));
  }

  draw(): void {
    const lines = this.#values.map((values) => thinned(values)), known = lines.flat().map(({ y }) => y);
    if (known.length === 0) return;
    const low = Math.min(...known), high = Math.max(...known), reach = high - low || 1;
    const x = (step: number) => LEFT + (WIDTH - LEFT - RIGHT) * step / this.steps;
    const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / reach);
    const ticks = [0, 0.5, 1].map((share) => low + share * reach);
    const svg = [
      ...ticks.map((tick) =>
        `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>` +
        `<text x="${LEFT - 6}" y="${y(tick) + 4}" text-anchor="end">${tick.toFixed(2)}</text>`
      ),
      `<text x="${LEFT}" y="${HEIGHT - 6}">step 0</text>`,
      `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${this.steps}</text>`,
      ...lines.map((line, k) =>
        `<polyline stroke="var(--series-${k + 1})" points="${
          line.map((at) => `${x(at.x).toFixed(1)},${y(at.y).toFixed(1)}`).join(" ")
        }"/>`
      ),
    ];
    const last = this.#values.map((values) => values.at(-1));
    const told = this.names.map((name, k) => `${name} ${last[k]?.toFixed(3) ?? "ended"}`);
    this.place.innerHTML =
      `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Losses over the steps: ${told.join(", ")}">${
        svg.join("")
      }</svg>` +
      `<ul class="legend">${
        told.map((text, k) => `<li><span style="background: var(--series-${k + 1})"></span>${text}</li>`).join("")
      }</ul>`;
  }
}

/** A line of few points; a stage that has ended has none any more. */
function thinned(values: readonly (number | null)[]): { x: number; y: number }[] {
  const each = Math.ceil(values.length / MOST), points: { x: number; y: number }[] = [];
  for (let first = 0; first < values.length; first += each) {
    const part = values.slice(first, first + each).filter((value) => value !== null);
    if (part.length > 0) points.push({ x: first + part.length / 2, y: part.reduce((a, b) => a + b) / part.length });
  }
  return points;
}
