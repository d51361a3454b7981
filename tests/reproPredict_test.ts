import { knownImages } from "../commands/repro/knownImages.ts";
import type { DataConfig } from "../records/phase.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { filesBelow, runWell, settings, TINY, TINY_CI, writeImages } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

Deno.test("repro --predict prints the predicted time and stops", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim,vitfreeze", "--predict"];
    const { out, err } = await runWell("table17", folder, ...flags);
    const [config, prediction] = out.split("\nPredicted time on this machine, for each seed (");
    assertTrue(config.startsWith("thesis.table17, profile ci: "), config);
    assertEqual(prediction.trimEnd().split("\n").slice(2).map((line) => line.replace(/\d+ m?i?n? ?\d* ?s/, "time")), [
      "  LocalMIM-HOG  time",
      "  ViTFreeze     time",
      "all 4 phases, each once: time",
    ]);
    assertEqual([err, await filesBelow(folder)], ["", []]);

    const json = await runWell("table17", folder, ...flags, "--json", "--set", "finetune.epochs=2");
    const { predictedSeconds, total, secondsPerImage, rows } = JSON.parse(json.out);
    // Steps of a frozen ViTFreeze are shorter: by how much its layers tell, whatever the machine.
    const { localmim, vitfreeze } = predictedSeconds, finetuning = 2 * 32 * secondsPerImage.finetune;
    assertAlmostEqual(localmim, 2 * 32 * secondsPerImage.pretrain + finetuning, 1e-9 * localmim);
    assertTrue(vitfreeze < localmim && vitfreeze > finetuning, `${vitfreeze} s, LocalMIM ${localmim} s`);
    assertAlmostEqual(total, localmim + vitfreeze, 1e-9 * total); // they share no phase
    assertEqual([rows, json.err, await filesBelow(folder)], [undefined, "", []]);
  }));

Deno.test("repro --predict counts a pre-training that several rows share once", () =>
  inFolder(async (folder) => {
    const rows = ["--rows", "localmim_50,localmim_90,localmim_100"];
    const flags = [...TINY_CI, ...settings({ "pretrain.epochs": 10 }), ...rows, "--predict", "--json"];
    const { predictedSeconds, total, secondsPerImage } = JSON.parse(
      (await runWell("repro", folder, "table11", ...flags)).out,
    );
    const pretraining = 10 * 32 * secondsPerImage.pretrain, finetuning = 32 * secondsPerImage.finetune;
    for (const row of ["localmim_50", "localmim_90", "localmim_100"]) {
      assertAlmostEqual(predictedSeconds[row], pretraining + finetuning, 1e-9 * total, row);
    }
    assertAlmostEqual(total, pretraining + 3 * finetuning, 1e-9 * total);
  }));

Deno.test("repro --profile paper predicts its cost before it runs, with --json on stderr", () =>
  inFolder(async (folder) => {
    await writeImages(`${folder}/photos`);
    const small = settings({ "pretrain.batch": 4, "finetune.batch": 4, "pretrain.accumulation": 2 });
    const more = settings({ "finetune.accumulation": 2, "model.patchSize": 8, "finetune.epochs": 2 });
    const flags = ["--profile", "paper", "--data", "photos", ...TINY, ...small, ...more, "--rows", "localmim"];
    const { out, err } = await runWell("table17", folder, ...flags, "--json");
    const [, ours] = err.split("Predicted time on this machine, for each seed (");
    assertTrue(ours.split("\n")[2].startsWith("  LocalMIM-HOG  "), err);
    assertTrue(err.indexOf("Predicted") < err.indexOf("pretrain 1/2"), err);
    assertEqual(JSON.parse(out).rows.length, 1);
  }));

Deno.test("knownImages() counts the published images of a profile, of all classes and of some", async () => {
  const counts = async (profile: string, data: Partial<DataConfig> = {}) => {
    const { train, test, classes } = await knownImages(profile, {
      ...{ source: "images", classes: null, train: null, test: null },
      ...data,
    });
    return [train.length, test.length, classes.length];
  };
  assertEqual(await counts("paper"), [1281167, 50000, 1000]);
  assertEqual(await counts("paper", { classes: "in100" }), [128117, 5000, 100]);
  assertEqual(await counts("cifar10", { train: 5000, test: 2000 }), [5000, 2000, 10]);
  assertEqual(await counts("evidence", { classes: 5 }), [25000, 5000, 5]);
  assertEqual(await counts("tinyimagenet", { classes: "tiny100" }), [50000, 5000, 100]);
  await assertRejects(() => counts("cifar10", { train: 60000 }), "Cannot take 60000 training images of CIFAR-10");
  await assertRejects(() => counts("cifar10", { classes: 11 }), "want a number from 1 to 10");
});
