import { assertEqual, assertTrue } from "./assert.ts";
import { filesBelow, runWell, settings, TINY_CI } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { phasesByKey, recordsOf, repro } from "./reproTools.ts";

const LOCALMIM = [...TINY_CI, "--rows", "localmim"];
const PROBES = [
  "--probes",
  "linear,knn",
  ...settings({ "linear.batch": 16, "linear.epochs": 4, "linear.warmupEpochs": 1 }),
];

Deno.test("--probes adds a linear and a k-NN probe of the pre-training that is there, with a record each", () =>
  inFolder(async (folder) => {
    await runWell("table17", folder, ...LOCALMIM);
    const [{ phases, probes, top1 }] = await repro(folder, "thesis.table17", ...LOCALMIM, ...PROBES);
    assertEqual(phases.map(({ kind, taken }) => [kind, taken]), [
      ["pretrain", true],
      ["finetune", true],
      ["linear", false],
      ["knn", false],
    ]);
    const { pretrain, finetune, linear: [linear], knn: [knn] } = await recordsOf(`${folder}/runs/results`);
    assertEqual([pretrain.length, finetune.length, (await filesBelow(`${folder}/runs/results`)).length], [1, 1, 4]);
    for (const { phase, startedFrom, metrics, dataset } of [linear, knn]) {
      assertEqual([phase.from, startedFrom], [{ key: pretrain[0].key, epochs: null }, phases[0].id]);
      assertEqual([dataset.train, dataset.test], [32, 12]);
      // Of 12 images: twelfths, and five places hold at least as many as one.
      for (const percent of [metrics.top1!, metrics.top5!]) {
        assertTrue(Math.abs(percent * 12 / 100 - Math.round(percent * 12 / 100)) < 1e-9, `${percent} % of 12 images`);
        assertTrue(percent >= 0 && percent <= 100, `${percent} %`);
      }
      assertTrue(metrics.top5! >= metrics.top1!, `top-5 ${metrics.top5}, top-1 ${metrics.top1}`);
    }
    assertEqual([probes, top1], [
      { linear: linear.metrics, knn: knn.metrics } as typeof probes,
      finetune[0].metrics.top1!,
    ]);
    // The head alone: 12 weights and a bias for each of 12 classes.
    assertEqual([linear.params, linear.imagesPerIteration, linear.epochs.length], [12 * 12 + 12, 16, 4]);
    assertEqual(linear.epochs.map(({ iterations }) => iterations), [2, 2, 2, 2]);
    assertEqual([knn.params, knn.epochs, knn.weights], [0, [], {}]);
    assertTrue(linear.metrics.loss! > 0 && Number.isFinite(linear.metrics.loss), `loss ${linear.metrics.loss}`);
  }));

Deno.test("probes are deterministic: begun anew they measure the same, and a second command takes them", () =>
  inFolder(async (folder) => {
    const first = await repro(folder, "thesis.table17", ...LOCALMIM, ...PROBES);
    const probes = first[0].phases.filter(({ kind }) => kind === "linear" || kind === "knn");
    const again = await repro(folder, "thesis.table17", ...LOCALMIM, ...PROBES);
    assertEqual([...phasesByKey(again).values()].filter(({ taken }) => !taken), []);
    for (const { key } of probes) {
      await runWell("table17", folder, ...LOCALMIM, ...PROBES, "--phase", key, "--fresh", "--out", "anew");
    }
    const { linear, knn } = await recordsOf(`${folder}/runs/results`), anew = await recordsOf(`${folder}/anew`);
    assertEqual(anew.knn.map(({ metrics }) => metrics), knn.map(({ metrics }) => metrics));
    assertEqual(
      anew.linear.map(({ metrics, weights }) => [metrics, weights]),
      linear.map(({ metrics, weights }) => [metrics, weights]),
    );
    assertTrue(anew.knn[0].start > knn[0].start, "the probe was not begun anew");
    // Another number of neighbours is another phase, of the same pre-training.
    const fewer = await repro(folder, "thesis.table17", ...LOCALMIM, "--probes", "knn", "--set", "knn.k=3");
    assertEqual(fewer[0].phases.map(({ kind, taken }) => [kind, taken]), [
      ["pretrain", true],
      ["finetune", true],
      ["knn", false],
    ]);
  }));
