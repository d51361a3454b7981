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
