import { table2 } from "../experiments/dmjd/table2.ts";
import { planOf } from "../experiments/plan.ts";
import { lrFactor, type LrRule } from "../core/methods/lrFactor.ts";
import type { MaeConfig } from "../core/methods/mae/config.ts";
import type { PretrainConfig } from "../training/config.ts";
import { assertAlmostEqual, assertEqual } from "./assert.ts";

/** Pre-trainings of Table II and its controls by row. */
function pretrainings(profile: string) {
  const rows = Object.keys({ ...table2.runs(settingsOf(profile)), ...table2.controls!(settingsOf(profile)) });
  const { runs } = planOf(table2, { profile, seeds: [0], probes: [], set: [], rows });
  return new Map(
    runs.flatMap(({ row, phases }) => {
      const found = phases.flatMap(({ from }) => from ? [from.phase.config as unknown as PretrainConfig] : [])[0];
      return found === undefined ? [] : [[row, found]];
    }),
  );
}

const settingsOf = (profile: string) => ({ ...table2.recipe.profiles[profile], seed: 0 });

/** What a run does of an image in a step, and how fast it learns. */
function facts({ method, batch, accumulation, baseLr, epochs, warmupEpochs, cropsPerImage = 1 }: PretrainConfig) {
  const model = method as unknown as MaeConfig & { lrRule: LrRule }, images = batch * accumulation / cropsPerImage;
  const lr = baseLr * batch * accumulation * lrFactor(model) / 256;
  return { images, views: model.views * cropsPerImage, lr, seen: epochs * model.views * cropsPerImage, warmupEpochs };
}

for (const profile of ["ci", "twin", "paper"]) {
  Deno.test(`controls of disjoint masking learn at its rate, from as many views (${profile})`, () => {
    const all = pretrainings(profile), of = (row: string) => facts(all.get(row)!);
    const { views } = settingsOf(profile).disjoint;
    for (
      const [row, controls] of [["mae_dm_uniform", ["independent", "two_crops"]], ["mae_dm_block", [
        "independent_cells",
      ]]] as const
    ) {
      const whole = of(row);
      assertEqual(whole.views, views);
      for (const control of controls) {
        const { lr, ...rest } = of(control), { lr: wanted, ...same } = whole;
        assertEqual(rest, same, `${control} beside ${row}`);
        // Products of the same factors in another order.
        assertAlmostEqual(lr, wanted, 1e-15 * wanted);
      }
    }
    const { uniform: { maskRatio, predRatio } } = settingsOf(profile).disjoint;
    assertAlmostEqual(of("independent").lr / of("independent_unique").lr, predRatio / maskRatio, 1e-15);
    assertEqual(of("single_seconds").seen, settingsOf(profile).lengths.seconds * of("mae").seen);
  });
}

Deno.test("at the published scale several views warm up for 20 epochs whatever their length, a single one for MAE's 40", () => {
  const all = pretrainings("paper");
  const warm = ["mae", "mae_dm_uniform", "mae_dm_block"].map((row) => all.get(row)!.warmupEpochs);
  assertEqual(warm, [40, 20, 20]);
});
