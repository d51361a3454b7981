import { parseHTML } from "linkedom";
import { figuresWithoutNumbers, twinsOf } from "../reports/figures/coverage.ts";
import { drawFigures } from "../reports/figures/figures.ts";
import { publishedSchedule } from "../reports/figures/publishedSchedule.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { withRecords } from "./figuresInput.ts";
import { placedTexts } from "./svgText.ts";
import { computed, drawn, figure, input, lines, records, withRuns } from "./figuresTools.ts";

const snapshots = "tests/snapshots/figures";

for (const id of ["thesis.figure02", "thesis.figure03"]) {
  Deno.test(`drawFigures() gives the curves of ${id} their printed peaks and ends`, () => {
    const points = lines(figure(id.replace(".", "-")).csv);
    const rows = computed(id);
    assertEqual(rows.length, 13);
    for (const { index, t_cubic, initial_lr_over_base } of rows) {
      const own = points.filter(({ layer }) => layer === String(index));
      const peak = Math.max(...own.map(({ percent_of_base_rate }) => Number(percent_of_base_rate)));
      // Four printed decimals, in percent.
      assertAlmostEqual(peak, 100 * Number(initial_lr_over_base), 0.0051, `peak of layer ${index}`);
      if (index === 12) continue;
      assertAlmostEqual(
        Number(own.at(-1)!.percent_of_training),
        100 * Number(t_cubic),
        0.0051,
        `end of layer ${index}`,
      );
      assertEqual(Number(own.at(-1)!.percent_of_base_rate), 0);
    }
  });
}

Deno.test("drawFigures() draws figure 3's warm-up to each layer's own rate", () => {
  const first = lines(figure("thesis-figure03").csv).filter(({ layer }) => layer === "0");
  const at = (percent: string) =>
    Number(first.find((point) => point.percent_of_training === percent)!.percent_of_base_rate);
  // Half-way through 10 % of warm-up: half of 195.31; a ramp to the common rate would give 50.
  assertAlmostEqual(at("5"), 97.65625, 1e-6);
  assertAlmostEqual(at("10"), 195.3125, 1e-6);
});

Deno.test("drawFigures() draws figure 1 as a timeline with both countings of the freezing times", () => {
  const lanes = lines(figure("thesis-figure01").csv);
  assertEqual(lanes.length, 17);
  const ends = (name: string) => {
    const { end_epoch_code, end_epoch_paper } = lanes.find((lane) => lane.name === name)!;
    return [end_epoch_code, end_epoch_paper].map((end) => end === "" ? "never" : Number(end).toFixed(2));
  };
  assertEqual(ends("patch embedding"), ["56.08", "51.20"]);
  assertEqual(ends("block 11"), ["95.57", "95.08"]);
  assertEqual(ends("block 12"), ["never", "never"]);
  assertEqual(["decoder 1", "decoder 2", "decoder 3", "decoder 4"].map(ends), [
    ["62.08", "57.87"],
    ["68.59", "65.10"],
    ["91.30", "90.33"],
    ["never", "never"],
  ]);
});

Deno.test("drawFigures() gives each figure its CSV rows", () => {
  const counts = Object.fromEntries(withRuns.map(({ id, csv }) => [id, csv.trimEnd().split("\n").length - 1]));
  const expected = {
    "pareto-published": 13,
    "pareto-ours": 4,
    "curves-laptop": 4 * 10,
    "logged-loss": 300,
    "thesis-figure01": 17,
    "thesis-figure04": 12,
    "thesis-figure05": 108,
    "thesis-figure06": 108,
    "thesis-figure07": 36,
    "thesis-figure08": 36,
    "thesis-figure09": 36,
    "dmjd-figure6b": 5,
    "dmjd-figure6c": 5,
    "dmjd-table3-hours": 12,
    "dmjd-table6-hours": 9,
  };
  for (const [id, count] of Object.entries(expected)) assertEqual(counts[id], count, id);
  // 13 counts of frozen layers, in two models and the log.
  assertEqual(lines(figure("epoch-time").csv).length, 3 * 13);
  const [first] = lines(figure("dmjd-table3-hours").csv);
  assertEqual(first, { row: "beit", name: "BEiT", backbone: "ViT-Base", hours: "184", top1: "83.4" });
  assertEqual(
    figure("dmjd-table3-hours").title,
    "DMJD Table III. With DM the hours fall 1.4 to 3.7 times, top-1 changes by 0.0 to +0.2 points",
  );
  const loss = lines(figure("logged-loss").csv).filter(({ epoch }) => epoch === "99").map(({ loss }) => loss);
  assertEqual(loss, ["0.1078", "0.0087", "0.0086"]);
});

Deno.test("drawFigures() gives the same bytes in any order of calls and records", () => {
  const again = drawFigures(withRecords(input, records.toReversed()));
  assertEqual(again, withRuns);
  assertEqual(drawFigures(input), drawn);
});

Deno.test("drawFigures() gives self-contained SVGs that can stand in one page", () => {
  const ids = withRuns.map(({ id }) => id);
  assertEqual(new Set(ids).size, ids.length);
  for (const { id, svg, wide, narrow, title, caption, csv } of withRuns) {
    assertTrue(/^[A-Za-z0-9-]+$/.test(id) && title !== "" && caption !== "", id);
    assertEqual(/NaN|undefined|Infinity|null/.exec(csv)?.[0], undefined, id);
    for (const [drawing, width] of [[svg, "880"], [wide, "880"], [narrow, "356"]] as const) {
      const without = drawing.replace('xmlns="http://www.w3.org/2000/svg"', "");
      const bad = /NaN|undefined|Infinity|null|href|url\(|https?:|<script| id=| class=/.exec(without);
      assertEqual(bad?.[0], undefined, id);
      const { document } = parseHTML(`<html><body>${drawing}</body></html>`);
      const root = document.querySelector("svg")!;
      assertEqual([root.getAttribute("role"), root.getAttribute("width")], ["img", width], id);
      assertEqual(
        [...root.children].slice(0, 4).map(({ tagName }) => tagName.toLowerCase()),
        ["title", "desc", "style", "rect"],
        id,
      );
      const sizes = [...drawing.matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => Number(size));
      assertTrue(sizes.every((size) => size >= 12), `${id}: ${Math.min(...sizes)} px`);
      // The heading stands in the drawing that stands alone, and nowhere else.
      const isHeaded = placedTexts(drawing).some(({ text }) => text.includes(title.slice(0, 20)));
      assertEqual(isHeaded, drawing === svg, `${id}, ${width}: its title is drawn`);
    }
  }
});

Deno.test("figuresWithoutNumbers() lists what cannot be redrawn, and every other published figure is drawn", () => {
  const undrawn = figuresWithoutNumbers(input.figures.values(), drawn);
  assertEqual(undrawn.map(({ id }) => id), [1, 2, 3, 4, 5, 6, 7].map((n) => `dmjd.figure${n}`));
  assertTrue(undrawn[5].why.startsWith("The values of panels a and d are in the image alone."), undrawn[5].why);
  assertEqual(undrawn[1].why, "It is a diagram and shows no numbers.");
  const all = [...input.figures.values()];
  const shown = all.filter((one) => drawn.some(({ of }) => twinsOf(one, all).includes(of))).map(({ id }) => id);
  assertEqual(shown.length, 9 + 3 + 1);
  assertEqual(twinsOf(input.figures.get("vitfreeze.figure2")!, all), ["thesis.figure02", "vitfreeze.figure2"]);
});

Deno.test("drawFigures() says which data are missing", async () => {
  const tables = new Map([...input.tables].filter(([id]) => id !== "thesis.table20"));
  await assertRejects(
    () => drawFigures({ ...input, tables }),
    "Cannot draw the figures: thesis.table20 is not among the data, want it",
  );
  const bare = { ...input.figures.get("thesis.figure03")!, plots: {} };
  await assertRejects(() => publishedSchedule(bare, 100, "paper"), "Cannot draw thesis.figure03: at plots.parameters");
});

Deno.test("drawFigures() repeats the committed figures", async () => {
  const update = Deno.env.get("UPDATE_SNAPSHOTS") === "1";
  if (update) {
    await Deno.remove(snapshots, { recursive: true }).catch(() => {});
    await Deno.mkdir(snapshots, { recursive: true });
    for (const { id, svg } of drawn) await Deno.writeTextFile(`${snapshots}/${id}.svg`, svg);
  }
  const there = [...Deno.readDirSync(snapshots)].map(({ name }) => name).sort();
  assertEqual(there, drawn.map(({ id }) => `${id}.svg`).sort());
  for (const { id, svg } of drawn) {
    const same = await Deno.readTextFile(`${snapshots}/${id}.svg`) === svg;
    assertTrue(same, `${id}.svg differs; look at it, then UPDATE_SNAPSHOTS=1 deno task test`);
  }
});
