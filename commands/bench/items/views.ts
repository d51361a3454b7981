import { type Context, type Measured, pauseOf } from "../context.ts";
import { type SeveralViews, VIEW_PARTS, type ViewPart } from "../model.ts";
import { race, type Timed } from "../race.ts";
import { summarise } from "../statistics.ts";
import { type JpegFiles, packJpegs } from "../views/jpegFiles.ts";
import { PROFILE, type ViewsCase, viewsCases } from "../views/viewsCases.ts";
import { ViewsTrainer } from "../views/viewsTrainer.ts";

/** Views of a step: a multiple of 1, 2 and 3 that is near the profile's 64. */
const STEP = 66, QUICK_STEP = 6;
/** Files of a data set that are used, at most. */
const FILES = 1000;

/** What the parts of a step take where an image has one masked view, two, three, all in turn. */
export async function measureViews(context: Context): Promise<Measured> {
  const { jpegs: paths, settings: { quick, threads } } = context;
  const folder = await Deno.makeTempDir(), trainers: ViewsTrainer[] = [];
  try {
    const sets: JpegFiles[] = [];
    for (const path of paths) sets.push(await packJpegs(path, quick ? 2 * QUICK_STEP : FILES, folder));
    const cases = viewsCases(quick ? QUICK_STEP : STEP);
    for (const { config } of cases) trainers.push(await ViewsTrainer.create(config, threads));
    const rows = sets.flatMap((files) => cases.map((own, k) => ({ ...own, files, trainer: trainers[k] })));
    const timed = await race(
      rows.map(({ files, trainer, target, views }) => ({
        name: `${files.about.name} ${target} ${views}`,
        once: () => trainer.once(files),
      })),
      { warmup: quick ? 1 : 2, kept: quick ? 2 : 15 },
      pauseOf(context),
    );
    const found = rows.map((row, k) => ({ ...row, timed: timed[k] }));
    return { entries: [], views: { profile: PROFILE, jpegs: sets.map(({ about }) => about), rows: rowsOf(found) } };
  } finally {
    for (const trainer of trainers) trainer[Symbol.dispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

/** A case on files, and its repetitions. */
export interface TimedCase extends ViewsCase {
  files: Pick<JpegFiles, "about">;
  timed: Timed;
}

/** The rows of the table: seconds a view, and ratios to the row of a single view of the same round. */
export function rowsOf(found: readonly TimedCase[]): SeveralViews["rows"] {
  return found.map(({ files, target, views, config: { batch }, timed }) => {
    const single = found.find((row) => row.files === files && row.target === target && row.views === 1)!;
    const all = perView(timed, batch * views), singles = perView(single.timed, single.config.batch);
    const part = (name: ViewPart) => summarise(all.map(({ parts }) => parts[name]));
    const faster = (of: (one: typeof all[number]) => number) =>
      summarise(all.map((one, k) => of(singles[k]) / of(one)));
    return {
      jpegs: files.about.name,
      target,
      views,
      images: batch,
      parts: Object.fromEntries(VIEW_PARTS.map((name) => [name, part(name)])) as SeveralViews["rows"][number]["parts"],
      whole: summarise(all.map(({ seconds }) => seconds)),
      faster: {
        whole: faster(({ seconds }) => seconds),
        decoded: faster(({ seconds, parts: { load, decode } }) => seconds - load - decode),
      },
    };
  });
}

function perView({ repetitions }: Timed, views: number): Timed["repetitions"] {
  return repetitions.map(({ seconds, parts }) => ({
    seconds: seconds / views,
    parts: Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, value / views])),
  }));
}
