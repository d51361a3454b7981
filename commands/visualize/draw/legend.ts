import type { CellKind, Measure, MethodView } from "../../../core/methods/view.ts";
import type { Layout } from "./layout.ts";
import { edgeAngles, type HogForm } from "../../../core/hog/edgeAngle.ts";
import { element, moved, text } from "./svg.ts";
import { wheelColour } from "./wheel.ts";
import { wrap } from "./words.ts";

/** What a legend has to explain. */
export interface LegendFor {
  cells: CellKind;
  learned: MethodView["learned"];
  /** Masked views of an image. */
  views: number;
  measure: Measure;
  bins: number;
  glyphs: boolean;
  wheel: boolean;
  /** Whether each row is one colour channel. */
  channels: boolean;
  /** Whether predictions are drawn as they are. */
  raw: boolean;
}

/** A drawing and its height. */
export interface Block {
  svg: string;
  height: number;
}

/** Lines of text that the key beside them is high. */
const KEY_LINES = 5;

/** The sentences of a legend. */
export function legendSentences(what: LegendFor): string[] {
  const { cells, learned, views, channels } = what;
  return [
    ...(cells.kind === "hog"
      ? hogSentences(what, cells)
      : cells.kind === "words"
      ? WORD_SENTENCES
      : pixelSentences(cells.norm, what.raw)),
    ...(views > 1
      ? [
        "What is masked in which view: each patch has a strip for each view, from left to right and of a colour each, where the " +
        "view masks it. All views share the crop and the target.",
      ]
      : []),
    learned === "all"
      ? "The loss looks at masked cells, which the decoder predicts, and at visible ones, which a branch of their own predicts."
      : "The loss looks at masked cells alone. Predictions of visible cells are under a pale blue veil: they were never trained " +
        "and may look like anything. A cell that is masked in part counts by its masked share.",
    ...(cells.kind === "words" ? [] : [
      (cells.kind === "hog"
        ? "MSE: mean squared error over bins and " + (channels ? "cells of one channel" : "channels, then cells")
        : `${what.measure === "absolute" ? "Mean distance" : "MSE: mean squared error"} of normalised pixels`) +
      "; that of masked cells is this image's part of the stage's loss.",
    ]),
    "A decoder that was pruned stays in the file as it was at its end, and so does the encoder below it; that is what is " +
    "drawn. A stage without decoder in the file has no prediction.",
  ];
}

function hogSentences(
  { bins, glyphs, wheel, channels, raw }: LegendFor,
  { form, norm }: { form: HogForm; norm: "length" | "whitened" },
): string[] {
  const what = channels ? "of the row's colour channel" : "the mean of the channels R, G, B";
  const shown = channels ? "each row shows one colour channel" : "shown is the mean of the channels R, G, B";
  // Exactly horizontal edges are at the border of bin 0 in LocalMIM's form, upright ones in DMJD's.
  const [border, middle] = [0, Math.floor(bins / 2)].map((bin) =>
    Math.round(edgeAngles(form, bins)[bin] * 180 / Math.PI)
  );
  const [level, upright] = form === "dmjd" ? [middle, border] : [border, middle];
  return [
    ...(glyphs
      ? [
        `Glyphs: in each cell one stroke per orientation bin, ${bins} over 180°. A stroke lies along the edge, at right ` +
        `angles to the gradient, at the middle of its bin: a vertical edge is drawn at ${upright}°, a horizontal one at ` +
        `${level}°. Its length and brightness are the bin's value, ${what}; values below 0 are not drawn, those above ` +
        `1 as 1.`,
      ]
      : []),
    ...(wheel
      ? [
        `Colour fields: hue is the dominant direction of edges (key on the left), brightness how strong it is, black is ` +
        `no direction; ${shown}.`,
      ]
      : []),
    (norm === "length"
      ? "Targets are L2-normalised over the bins of each cell and colour channel, and the model learns these normalised " +
        "values. "
      : "Targets are brought to mean 0 and variance 1 over the bins of each cell and colour channel, and the model learns these; " +
        "bins below the mean are below 0. Drawn are all at length 1. ") +
    (raw
      ? "Predictions are drawn raw, as the model gives them, on the scale of the targets: a fainter one is less certain. "
      : "For drawing, predictions get the same normalisation; errors are taken before that. ") +
    "It is a map of edges: colours and brightness of the image are not predicted.",
  ];
}

const WORD_SENTENCES = [
  "Each colour stands for a word of the tokenizer, the same in targets and predictions; how near two colours are says nothing of " +
  "their words. Drawn is the word that the model takes for the likeliest; the loss is the cross-entropy of all.",
];

function pixelSentences(norm: "image" | "patch", raw: boolean): string[] {
  if (norm === "image") return ["Predictions are pixels, on the scale of the image."];
  return [
    "Targets are the pixels of a patch, brought to mean 0 and variance 1, and the model learns these. " +
    (raw
      ? "They are drawn raw, grey at 0, black and white at two and a half deviations."
      : "For drawing, targets and predictions get mean and deviation of the patch in the input, which the model does not predict."),
  ];
}

/** The legend: a key of directions and colours on the left, the sentences beside it. */
export function drawLegend(what: LegendFor, { font, line, width, margin }: Layout): Block {
  const key = what.cells.kind === "hog" ? KEY_LINES * line : 0,
    left = key > 0 ? key + 2 * font : 0,
    room = width - 2 * margin - left;
  const lines = legendSentences(what).flatMap((sentence) => wrap(sentence, font, room));
  const words = lines.map((words, i) => text(left, (i + 1) * line - (line - font), font, words));
  const svg = (what.cells.kind === "hog" ? drawKey(what, what.cells.form, key) : "") + words.join("");
  return { svg, height: Math.max(key, lines.length * line) };
}

/** A star of all bins, each stroke along its edges and in the colour of the wheel, or white where there is no wheel. */
function drawKey({ bins, wheel }: LegendFor, form: HogForm, size: number): string {
  const strokes = edgeAngles(form, bins).map((angle) => {
    const dx = 0.44 * size * Math.cos(angle), dy = -0.44 * size * Math.sin(angle);
    const stroke = wheel ? wheelColour({ angle, strength: 1 }) : "#ffffff";
    return element("line", { x1: -dx, y1: -dy, x2: dx, y2: dy, stroke });
  });
  const star = element("g", { "stroke-width": size / 24, "stroke-linecap": "round" }, strokes.join(""));
  return element("rect", { width: size, height: size, fill: "#000000" }) + moved(size / 2, size / 2, star);
}
