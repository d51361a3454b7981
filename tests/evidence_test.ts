import { gridCommand, hoursLeft } from "../commands/grid/evidenceText.ts";
import { planGrid } from "../commands/grid/plan.ts";
import { EVIDENCE, SECONDS_PER_IMAGE } from "../experiments/evidence.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { assertRefused, filesBelow, run, runWell } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

const planned = EVIDENCE.map(({ experiment, profile, rows, seeds, probes }) =>
  planGrid({ experiment, profile, ...(rows && { rows }), seeds, sets: [], probes, passed: ["--data", "x"] })
);

Deno.test("every grid of the evidence can be planned, and its controls stand beside the rows of Table 17", () => {
  assertEqual(new Set(EVIDENCE.map(({ name }) => name)).size, EVIDENCE.length);
  const rows = (name: string) =>
    new Set(planned[EVIDENCE.findIndex((grid) => grid.name === name)].cells.flatMap((cell) => cell.rows));
  for (const row of ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr", "scratch", "scratch_long"]) {
    assertTrue(rows("headline-5").has(row), row);
  }
  // A pre-training with two probes and a fine-tuning for five rows, a fine-tuning for two, which share two probes of random
  // weights; of five seeds.
  const count = (name: string) => planned[EVIDENCE.findIndex((grid) => grid.name === name)].cells.length;
  assertEqual([count("headline-1"), count("headline-5"), count("headline-small")], [24, 120, 24]);
});

Deno.test("hoursLeft() multiplies images, epochs and what one takes", () => {
  const at = EVIDENCE.findIndex(({ name }) => name === "headline-1"),
    { cells } = planned[at],
    grid = EVIDENCE[at],
    hours = (rows: string[], kind: string) => {
      const own = cells.filter((cell) => cell.phase.kind === kind && rows.every((row) => cell.rows.includes(row)));
      return hoursLeft(own.map(({ phase }) => phase), grid);
    };
  // Sums of the same products in another order differ by a few last bits.
  assertAlmostEqual(hours(["localmim"], "pretrain"), 12 * 50_000 * SECONDS_PER_IMAGE.evidence.pretrain! / 3600, 1e-12);
  assertAlmostEqual(
    hours(["scratch_long"], "finetune"),
    89 * 5000 * SECONDS_PER_IMAGE.evidence.finetune! / 3600,
    1e-12,
  );
});

Deno.test("hoursLeft() counts every view of an image", () => {
  const at = EVIDENCE.findIndex(({ name }) => name === "views-3"), { cells } = planned[at];
  const pretrain = (row: string) => {
    const { phase } = cells.find((cell) => cell.phase.kind === "pretrain" && cell.rows.includes(row))!;
    return hoursLeft([phase], EVIDENCE[at]);
  };
  // 15,000 images for 8 epochs of one view, or 4 of two.
  const views = 120_000 * SECONDS_PER_IMAGE.twin.pretrain! / 3600;
  assertAlmostEqual(pretrain("mae"), views, 1e-12);
  assertAlmostEqual(pretrain("mae_dm_uniform"), views, 1e-12);
});

Deno.test("evidence --list names every grid with a command that plans the same, and writes nothing", () =>
  inFolder(async (folder) => {
    const { out } = await runWell("evidence", folder, "--list");
    for (const { name } of EVIDENCE) assertTrue(new RegExp(`^${name} .* of \\d+ `, "m").test(out), `${name} in ${out}`);
    const { experiment, name } = EVIDENCE[0],
      words = gridCommand(EVIDENCE[0], { run: "runs", out: "results" })
        .replaceAll("\\\n", "").split(/ +/).slice(3);
    assertEqual(words[0], experiment);
    const images = words[words.indexOf("--data") + 1];
    assertRefused(
      await run("grid", folder, ...words, "--dry-run"),
      `Cannot read ${images}: no such file or folder, want images in --data`,
    );
    assertEqual(await filesBelow(folder), []);
    await Deno.mkdir(`${folder}/${images}`);
    const plan = await runWell("grid", folder, ...words, "--dry-run");
    assertTrue(
      plan.out.startsWith(`Grid of ${experiment}, profile ${EVIDENCE[0].profile}: ${planned[0].cells.length} phases`),
      plan.out,
    );
    assertTrue(out.includes(`--name evidence-${name}`), out);
    assertEqual(await filesBelow(folder), []);
    assertRefused(await run("evidence", folder), "Cannot run the evidence without its images: want --data PATH");
    assertRefused(
      await run("evidence", folder, "--data", "x.tar", "--only", "views-3"),
      "Cannot run views-3 without its images: want --tiny PATH",
    );
    assertRefused(
      await run("evidence", folder, "--list", "--only", "headline"),
      "Cannot use --only headline: want one",
    );
  }));
