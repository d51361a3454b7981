import sharp from "sharp";
import { Buffer } from "node:buffer";
import { drawFigure } from "../commands/visualize/draw/figure.ts";
import type { Row } from "../commands/visualize/draw/row.ts";
import { escapeText } from "../commands/visualize/draw/svg.ts";
import { cutBold, wrap } from "../commands/visualize/draw/words.ts";
import { assertEqual, assertHolds, assertTrue } from "./assert.ts";
import { assertWellFormed, byHand } from "./visualizeTools.ts";

Deno.test("drawFigure() writes well-formed SVG, whatever the words, and says what is drawn", async () => {
  const row: Row = {
    heading: 'image 3 (test), <b>"cats & dogs"\u0000',
    picture: "input-3",
    grid: 1,
    masks: [[1]],
    cells: { kind: "hog", form: "localmim", norm: "length" },
    learned: "masked",
    pictures: [],
    stages: [byHand, { ...byHand, stage: 1, prediction: undefined }],
    channel: "mean",
    style: "glyph",
    raw: false,
    notes: { 0: "decoder pruned at epoch 57.9", 1: "no decoder in this file" },
  };
  const pictures = [{ id: "input-3", href: "data:image/png;base64,AAAA" }];
  const svg = drawFigure({ header: ["a header"], pictures, rows: [row], size: 200 });
  assertWellFormed(svg);
  const wanted = [
    "a header",
    escapeText('image 3 (test), <b>"cats & dogs"\u0000'),
    "stage 1, after block 1: 2 × 2 cells of 4 px",
    "MSE of masked cells 1.1111",
    "decoder pruned at epoch 57.9",
    "no decoder in this file",
    "masked input (100 % grey)",
  ];
  assertHolds(svg, wanted.map((words) => `>${words}</text>`));
  assertEqual(escapeText('<b>"&\u0000'), "&lt;b&gt;&quot;&amp;\ufffd");
  const { width, height } = await sharp(Buffer.from(svg)).metadata();
  assertTrue(svg.includes(`width="${width}" height="${height}"`), `rendered at ${width} x ${height}`);
});

Deno.test("wrap() breaks between words and loses none", () => {
  const words = "one two three four five six seven", lines = wrap(words, 10, 60);
  assertEqual(lines.join(" "), words);
  assertTrue(lines.length > 2, `${lines.length} lines`);
});

Deno.test("cutBold() cuts what does not fit and nothing else", () => {
  assertEqual(cutBold("abc", 10, 100), "abc");
  const cut = cutBold("image 0 (train), a very long name of a class", 10, 100);
  assertTrue(/^image 0 \(.*…$/.test(cut) && cut.length < 20, cut);
  assertEqual(cutBold("abc", 10, 1), "…");
});
