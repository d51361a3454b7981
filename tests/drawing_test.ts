import fc from "fast-check";
import { parseHTML } from "linkedom";
import { DARK_GROUND, darkColour } from "../reports/figures/darkScheme.ts";
import { drawFigures } from "../reports/figures/figures.ts";
import { layerColours } from "../reports/figures/lrCurves.ts";
import { COLOURS, NARROW_WIDTH, WIDTH } from "../reports/figures/theme.ts";
import { scatterPlot } from "../reports/figures/scatter.ts";
import { bareSvg } from "../reports/figures/frame.ts";
import * as Plot from "@observablehq/plot";
import type { FigureReport } from "../reports/model.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { figureInput, withRecords } from "./figuresInput.ts";
import { madeUpRecords } from "./madeUpRecords.ts";
import { placedMarks, type PlacedText, placedTexts } from "./svgText.ts";

const input = await figureInput();
const ROWS = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"];
const numbers = (row: string) => ({ top1: 70 - 3 * ROWS.indexOf(row), seconds: 20 - 2 * ROWS.indexOf(row) });
const records = madeUpRecords({ profile: "laptop", numbers });
const several = madeUpRecords({
  seeds: [0, 1, 2],
  numbers: (row, seed) => ({ top1: 50 + seed - ROWS.indexOf(row), seconds: 20 - ROWS.indexOf(row) }),
});
const figures = [
  ...drawFigures(withRecords(input, records)),
  ...drawFigures(withRecords(input, [...records, ...several])).filter(({ id }) => id === "pareto-ours"),
];
/** Width of the thin lines that join a label with its point. */
const LEADER = "0.8";

const FORMS = [["svg", WIDTH], ["wide", WIDTH], ["narrow", NARROW_WIDTH]] as const;

/** WCAG's relative luminance of a colour. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

Deno.test("darkColour() keeps the contrast with the ground, and turns ink and ground round", () => {
  assertEqual(darkColour("white"), DARK_GROUND);
  assertEqual(darkColour("rgb(255, 255, 255)"), DARK_GROUND);
  assertEqual(darkColour("black"), darkColour("#000000"));
  assertEqual([darkColour("none"), darkColour("currentColor")], [undefined, undefined]);
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(fc.property(byte, byte, byte, (red, green, blue) => {
    const light = `#${[red, green, blue].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
    const wanted = contrast(light, "#ffffff"), found = contrast(darkColour(light)!, DARK_GROUND);
    // Bytes are whole: one step is up to 2.5 % of the contrast of a dark colour. 13.8 is that of the brightest ink.
    assertTrue(Math.abs(found / Math.min(wanted, 13.8) - 1) < 0.03, `${light}: ${found} of ${wanted}`);
  }));
});

Deno.test("every series, and every layer, has a contrast of 3 with the ground in both schemes", () => {
  const scale = Plot.scale({ color: layerColours(13) });
  const layers = Array.from({ length: 13 }, (_, layer) => String(scale.apply(layer)));
  for (const colour of [...Object.values(COLOURS), ...layers]) {
    // WCAG 2.2, 1.4.11: graphical objects.
    assertTrue(contrast(colour, "#ffffff") >= 3, `${colour} on white`);
    assertTrue(contrast(darkColour(colour)!, DARK_GROUND) >= 2.97, `${colour} on the dark ground`);
  }
});

Deno.test("a drawing has a dark colour for every colour that it uses", () => {
  for (const { id, ...figure } of figures) {
    for (const [form] of FORMS) {
      const { document } = parseHTML(`<html><body>${figure[form]}</body></html>`);
      const style = document.querySelector("style")!.textContent!;
      assertTrue(style.startsWith("@media (prefers-color-scheme:dark){"), id);
      for (const name of ["color", "fill", "stroke"]) {
        for (const element of document.querySelectorAll(`svg[${name}], svg [${name}]`)) {
          const colour = element.getAttribute(name)!;
          if (["none", "currentColor"].includes(colour)) continue;
          assertTrue(style.includes(`[${name}="${colour}"]{${name}:#`), `${id}: no dark ${name} for ${colour}`);
        }
      }
    }
  }
});

/** The first two texts of a drawing that cover each other. */
function covering(texts: PlacedText[]): string | undefined {
  for (const [k, one] of texts.entries()) {
    const other = texts.slice(k + 1).find((other) =>
      Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
      Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1
    );
    if (other) return `'${one.text}' and '${other.text}'`;
  }
}

for (const [form, width] of FORMS) {
  Deno.test(`drawings of form ${form} let no text be cut off or cover another text`, () => {
    for (const { id, ...figure } of figures) {
      const texts = placedTexts(figure[form]);
      assertTrue(texts.length > 7, `${id} has ${texts.length} texts`);
      const cut = texts.find(({ left, right, top }) => left < 0 || right > width || top < 0);
      assertEqual(cut?.text, undefined, `${id}: cut off`);
      assertEqual(covering(texts), undefined, `${id}: overlap`);
    }
  });
}

/** Labels that touch a marker, or lie on a line. */
function touching(svg: string): string[] {
  const marks = placedMarks(svg, LEADER);
  assertTrue(marks.filter(({ kind }) => kind === "dot").length > 3, "markers are found");
  return placedTexts(svg).flatMap((text) => {
    const hit = marks.find(({ kind, left, right, top, bottom }) => {
      const clear = kind === "dot" ? 2 : 0;
      return Math.min(text.right, right) - Math.max(text.left, left) > -clear &&
        Math.min(text.bottom, bottom) - Math.max(text.top, top) > -clear;
    });
    return hit ? [`'${text.text}' touches a ${hit.kind}`] : [];
  });
}

const isScatter = ({ id }: FigureReport) => id.startsWith("pareto") || id.endsWith("hours");

Deno.test("labels of scatter plots keep two pixels from markers, and lie on no line", () => {
  const scatters = figures.filter(isScatter);
  assertEqual(scatters.length, 5);
  for (const { id, ...figure } of scatters) {
    for (const [form] of FORMS) assertEqual(touching(figure[form]), [], `${id}, ${form}`);
  }
});

Deno.test("labels that touch markers are found", () => {
  const look = { colour: COLOURS.black, symbol: "triangle" as const };
  const points = Array.from(
    { length: 150 },
    (_, k) => ({ x: 5 + k / 400, y: 5, name: `point ${k}`, look, hollow: false }),
  );
  const crowd = scatterPlot({
    width: 300,
    height: 200,
    xLabel: "x",
    yLabel: "y",
    xDomain: [0, 10],
    yDomain: [0, 10],
    points,
    links: [],
    front: [],
  });
  const words = { title: "crowd", description: "crowd" };
  const svg = bareSvg({ panels: [{ left: 0, top: 0, options: crowd }] }, { width: 300, narrow: true }, words);
  assertTrue(touching(svg).length > 0 && covering(placedTexts(svg)) !== undefined, "a crowd touches");
});

Deno.test("a curve of all layers is named after none of them", () => {
  const { svg } = figures.find(({ id }) => id === "curves-laptop")!;
  const texts = placedTexts(svg).map(({ text }) => text);
  assertTrue(texts.includes("all layers alike"), texts.join());
  const pieces = placedTexts(svg).filter(({ text }) => /^stage \d$/.test(text));
  const axes = placedTexts(svg).filter(({ text }) => text === "epoch").map(({ top }) => top);
  // The zero line is 44 pixels above the end of a panel; a name of a stage stays above it.
  assertTrue(pieces.every(({ bottom }) => axes.some((top) => bottom < top - 24 && bottom > top - 230)), "on the axis");
});

Deno.test("the narrow drawing of every figure is 356 pixels wide, as its view box is", () => {
  for (const { id, narrow } of figures) {
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(narrow)!;
    assertEqual(Number(width), NARROW_WIDTH, id);
    assertAlmostEqual(Number(height), Number(/ height="(\d+)"/.exec(narrow)![1]), 0, id);
  }
});
