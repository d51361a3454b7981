import { parseCommand } from "../commands/bench/flags.ts";
import { rowsOf } from "../commands/bench/items/views.ts";
import { VIEW_PARTS } from "../commands/bench/model.ts";
import { packJpegs } from "../commands/bench/views/jpegFiles.ts";
import { viewsCases } from "../commands/bench/views/viewsCases.ts";
import { ViewsTrainer } from "../commands/bench/views/viewsTrainer.ts";
import { VIEWS_NOTES, viewsTables } from "../commands/bench/viewsFormat.ts";
import { METHOD_CASES, TWO_VIEWS } from "../commands/bench/methodCases.ts";
import { methodOf } from "../core/methods/mod.ts";
import { maskCounts } from "../core/methods/mae/config.ts";
import type { MaeConfig } from "../core/methods/mae/config.ts";
import { maeProgram } from "../core/methods/mae/program.ts";
import { maeEncoderProgram } from "../core/methods/mae/sidePrograms.ts";
import { mae } from "../core/methods/mae/method.ts";
import { randomStream } from "../core/random/stream.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { filesBelow, writeImages } from "./commandTools.ts";
import { compiled, normals, randomArena, runOnce } from "./engineTools.ts";
import { inFolder } from "./reportTools.ts";

const modelOf = ({ config }: { config: { method: unknown } }) => config.method as MaeConfig;

Deno.test("steps of one, two and three views have as many views, and each step's views mask all of an image", () => {
  const cases = viewsCases(66);
  assertEqual(cases.map(({ target, views }) => `${target} ${views}`), [
    ...["normPixels 1", "normPixels 2", "normPixels 3", "hog 1", "hog 2", "hog 3"],
  ]);
  for (const own of cases) {
    assertEqual(own.config.batch * own.views, 66);
    assertEqual(modelOf(own).predRatio, own.views === 1 ? 0.75 : 1);
    assertEqual(maskCounts(modelOf(own)), { visible: 16, masked: 48 });
  }
});

Deno.test("methods are measured by settings that they take: the published ones, and two views that mask all of an image", () => {
  const chosen = [...METHOD_CASES, TWO_VIEWS].map(({ config }) => methodOf(config.method));
  assertEqual(chosen.map(({ name }) => name), ["mae", "simmim", "maskfeat", "convmae", "mae"]);
  const { views, predRatio, maskRatio } = chosen.at(-1)!.config as MaeConfig;
  assertEqual([views, predRatio, maskRatio], [2, 1, 0.75]);
});

Deno.test("the encoder alone is the encoder of the whole: its loss is the mean square of what the decoder gets", async () => {
  const config = { ...modelOf(viewsCases(6)[1]), embedDim: 16, depth: 2, decoderDim: 8, decoderDepth: 1 };
  const options = { config, rows: 4 },
    whole = maeProgram({ ...options, looked: true }),
    arena = randomArena(whole, 0.2);
  const feeds = mae.feeder(config, [true]).inputs(
    normals(2 * 3 * 64 * 64, 3),
    2,
    [],
    (image, view) => randomStream(4, "mask", image, view),
  );
  const { outputs: { latent } } = await runOnce(compiled, whole, arena, feeds);
  const own = maeEncoderProgram(options), names = ["patch_embed.proj.weight", "blocks.0.attn.qkv.weight"];
  const { outputs, gradients } = await runOnce(compiled, own, arena, feeds, names);
  const wanted = latent.reduce((sum, value) => sum + value ** 2 / latent.length, 0);
  assertAlmostEqual(outputs.loss[0] / wanted, 1, 1e-5); // float32 sums in another order
  for (const name of names) assertTrue(gradients[name].some((value) => value !== 0), `${name} has no gradient`);
});

Deno.test("JPEGs of a folder lie behind one another, come again when they run out, and are taken through all parts of a step", () =>
  inFolder(async (folder) => {
    await writeImages(folder);
    const files = await packJpegs(folder, 5, folder), paths = await filesBelow(folder);
    assertEqual([files.about.files, files.about.pixels], [5, 40 * 36]);
    const sizes = paths.filter((path) => path.endsWith(".jpg")).map((path) => Deno.statSync(`${folder}/${path}`).size);
    const read = await Promise.all([0, 1, 2, 3, 4, 5].map((k) => files.read(k)));
    for (const bytes of read) {
      assertTrue(sizes.includes(bytes.length) && bytes[0] === 0xff && bytes[1] === 0xd8, "no whole JPEG");
    }
    assertEqual(read[5], read[0]);
    assertTrue(String(read[1]) !== String(read[0]), "two files are the same");
    using trainer = await ViewsTrainer.create(viewsCases(6)[4].config, 1);
    let count = 0;
    const { seconds, parts } = await trainer.once({ ...files, read: (k) => (count++, files.read(k)) });
    assertEqual([count, Object.keys(parts).sort()], [3, [...VIEW_PARTS].sort()]); // two views of three images
    const sum = Object.values(parts).reduce((a, b) => a + b);
    assertAlmostEqual(sum, seconds, 1e-9); // additions of the same numbers in another order
    assertTrue(parts.decode > 0 && parts.target > 0 && parts.encoder > 0, JSON.stringify(parts));
    await Deno.mkdir(`${folder}/none`);
    await assertRejects(() => packJpegs(`${folder}/none`, 5, folder), "it holds no JPEG, want some");
  }));

/** A row of made-up seconds a step of 6 views, by rounds. */
function madeUp(views: number, rounds: [load: number, decode: number, rest: number][], files: { about: never }) {
  const own = viewsCases(6)[views - 1];
  const repetitions = rounds.map(([load, decode, encoder]) => ({
    seconds: load + decode + encoder,
    parts: { load, decode, target: 0, masks: 0, encoder, decoder: 0, optimiser: 0 },
  }));
  return { ...own, files, timed: { name: "", race: Symbol(), repetitions } };
}

Deno.test("the table of views: hours of an effective epoch, and ratios of the same round with and without loading", () => {
  const about = { name: "a.tar", files: 100, bytes: 110_000, pixels: 187_500 };
  const files = { about: about as never };
  const rows = rowsOf([
    madeUp(1, [[3, 3, 6], [4, 4, 6], [30, 30, 60]], files),
    madeUp(2, [[1.5, 1.5, 6], [2, 2, 6], [15, 15, 60]], files),
  ]);
  assertEqual(rows.map(({ views, images, whole }) => [views, images, whole.median]), [[1, 6, 14 / 6], [2, 3, 10 / 6]]);
  // By rounds 12 / 9, 14 / 10, 120 / 90; without loading nothing is gained.
  assertAlmostEqual(rows[1].faster.whole.median, 12 / 9, 1e-12);
  assertAlmostEqual(rows[1].faster.whole.max, 1.4, 1e-12);
  assertAlmostEqual(rows[1].faster.decoded.median, 1, 1e-12);
  const [{ title, head, rows: [, cells] }] = viewsTables({ profile: "twin", jpegs: [about], rows });
  assertTrue(title.includes("a.tar (100 JPEGs of 110 kB and 187,500 pixels), steps of 6 views"), title);
  const cell = Object.fromEntries(head.map((name, k) => [name, cells[k]]));
  // 1,281,167 views at 2 / 6 s are 118.6 h.
  assertEqual([cell.load, cell.encoder, cell["reads, decodes"]], ["119", "356", "640,584"]);
  assertEqual([cell.faster, cell.decoded], ["1.33x", "1.00x"]);
  // What the last note says of shares that go by images.
  const share = (faster: number) => `${Math.round(100 * 2 * (1 - 1 / faster))} %`;
  for (const faster of [1.4, 1.8]) assertTrue(VIEWS_NOTES.at(-1)!.includes(share(faster)), share(faster));
});

Deno.test("views reads what --jpegs names, and neither stands without the other", async () => {
  const { settings, jpegs } = parseCommand(["--only", "views", "--jpegs", "a.tar, b"]);
  assertEqual([settings.items, jpegs], [["views"], ["a.tar", "b"]]);
  assertTrue(parseCommand(["--jpegs", "a.tar"]).settings.items.includes("views"), "all items");
  await assertRejects(() => parseCommand(["--only", "views"]), "Cannot measure views: want --jpegs");
  await assertRejects(
    () => parseCommand(["--only", "hog", "--jpegs", "a"]),
    "Cannot use --jpegs: only views reads them",
  );
  await assertRejects(() => parseCommand(["--from", "x.json", "--jpegs", "a"]), "Cannot use --jpegs");
});
