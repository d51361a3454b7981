import { parseHTML } from "linkedom";
import { textWidth } from "../reports/figures/textWidth.ts";

/** A piece of text in an SVG with the room it takes, in pixels. */
export interface PlacedText {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The texts of an SVG that consists of translated groups; turned texts are left out. */
export function placedTexts(svg: string): PlacedText[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  return [...document.querySelectorAll("text")].flatMap((element) => {
    const chain = ancestors(element);
    if (chain.some((one) => one.getAttribute("transform")?.includes("rotate"))) return [];
    const x = offset(chain, 0) + Number(element.getAttribute("x") ?? 0);
    const y = offset(chain, 1) + em(element.getAttribute("y"), fontSize(chain));
    const tspans = [...element.querySelectorAll("tspan")];
    const lines = tspans.length > 0 ? tspans : [element];
    let down = 0;
    return lines.flatMap((line): PlacedText[] => {
      const size = fontSize(chain), text = line.textContent ?? "", width = textWidth(text, size);
      down += tspans.length > 0 ? em(line.getAttribute("dy") ?? line.getAttribute("y"), size) : 0;
      const anchor = inherited(chain, "text-anchor");
      const left = x - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
      const base = y + down;
      return text === ""
        ? []
        : [{ text, left, right: left + width, top: base - size * 0.75, bottom: base + size * 0.2 }];
    });
  });
}

function ancestors(element: Element): Element[] {
  const chain: Element[] = [];
  for (let one: Element | null = element; one !== null && one.tagName !== "BODY"; one = one.parentElement) {
    chain.push(one);
  }
  return chain;
}

function offset(chain: Element[], axis: 0 | 1): number {
  return chain.reduce((sum, one) => {
    const [, x, y] = /translate\(([-\d.]+),([-\d.]+)\)/.exec(one.getAttribute("transform") ?? "") ?? [];
    return sum + Number((axis === 0 ? x : y) ?? 0);
  }, 0);
}

function inherited(chain: Element[], name: string): string | null {
  return chain.find((one) => one.hasAttribute(name))?.getAttribute(name) ?? null;
}

function fontSize(chain: Element[]): number {
  const own = inherited(chain, "font-size");
  return own === null ? 13 : Number(own);
}

function em(value: string | null, size: number): number {
  if (value === null) return 0;
  return value.endsWith("em") ? Number(value.slice(0, -2)) * size : Number(value);
}

/** A marker, or a piece of a line, with the room it takes, in pixels. */
export interface PlacedMark {
  kind: "dot" | "line";
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Pieces of a line, so that the room of a slanting one is not that of the rectangle around it. */
const PIECES = 40;

/**
 * The markers and lines of an SVG that Plot drew: of dots, rules, links, arrows and lines. Thin lines, which join a label with
 * its point, are left out.
 *
 * @param leader width of these thin lines
 */
export function placedMarks(svg: string, leader: string): PlacedMark[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const groups = [...document.querySelectorAll("g[aria-label]")];
  const of = (...labels: string[]) => groups.filter((one) => labels.includes(one.getAttribute("aria-label")!));
  const dots = of("dot").flatMap((group) => [...group.children]).map((element): PlacedMark => {
    const chain = ancestors(element), x = offset(chain, 0), y = offset(chain, 1);
    const r = Number(element.getAttribute("r") ?? NaN);
    const [cx, cy] = ["cx", "cy"].map((name) => Number(element.getAttribute(name) ?? 0));
    const ends = Number.isFinite(r) ? [[cx - r, cy - r], [cx + r, cy + r]] : pathPoints(element.getAttribute("d")!);
    return { kind: "dot", ...around(ends.map(([a, b]) => [a + x, b + y]), 0.8) };
  });
  const lines = of("rule", "link", "arrow", "line").filter((group) => group.getAttribute("stroke-width") !== leader)
    .flatMap((group) => [...group.children]).flatMap((element): PlacedMark[] => {
      const chain = ancestors(element), x = offset(chain, 0), y = offset(chain, 1);
      const end = (name: string) => Number(element.getAttribute(name) ?? 0);
      const points = element.hasAttribute("d")
        ? pathPoints(element.getAttribute("d")!)
        : [[end("x1"), end("y1")], [end("x2"), end("y2")]];
      return points.slice(1).flatMap((to, k) => pieces(points[k], to))
        .map((piece) => ({ kind: "line", ...around(piece.map(([a, b]) => [a + x, b + y]), 0.5) }));
    });
  return [...dots, ...lines];
}

function pieces([x1, y1]: number[], [x2, y2]: number[]): number[][][] {
  const at = (k: number) => [x1 + (x2 - x1) * k / PIECES, y1 + (y2 - y1) * k / PIECES];
  return Array.from({ length: PIECES }, (_, k) => [at(k), at(k + 1)]);
}

function around(points: number[][], stroke: number) {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return {
    left: Math.min(...xs) - stroke,
    right: Math.max(...xs) + stroke,
    top: Math.min(...ys) - stroke,
    bottom: Math.max(...ys) + stroke,
  };
}

/** The corners of a path of straight lines. */
function pathPoints(path: string): number[][] {
  const points: number[][] = [];
  let x = 0, y = 0;
  for (const [, command, rest] of path.matchAll(/([MLHVhvlZ])([^MLHVhvlZ]*)/g)) {
    const numbers = [...rest.matchAll(/-?[\d.]+(?:e-?\d+)?/g)].map(([text]) => Number(text));
    const steps = "MLl".includes(command)
      ? Array.from({ length: numbers.length / 2 }, (_, k) => numbers.slice(2 * k, 2 * k + 2))
      : numbers.map((value) => [value]);
    for (const [first, second] of steps) {
      if (command === "H") x = first;
      else if (command === "V") y = first;
      else if (command === "h") x += first;
      else if (command === "v") y += first;
      else if (command === "l") [x, y] = [x + first, y + second];
      else [x, y] = [first, second];
      points.push([x, y]);
    }
  }
  return points;
}
