import type { z } from "zod";
import { evaluate, features, finetune, knnProbe, pretrain, pretrainSchedule } from "../api/train.ts";
import { loadWeights, saveWeights } from "../api/weights.ts";
import { transferredParameters } from "../core/models/classifier.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import type { Epoch, PhaseRecord } from "../records/record.ts";
import type { epochSchema, phaseRecordSchema } from "../records/schema.ts";
import { train } from "../training/loop.ts";
import { pretrainObjective } from "../training/phases/pretrain.ts";
import { weightsHash } from "../training/weightsHash.ts";
import { arenaOf } from "../api/training/arenas.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { compiled } from "./engineTools.ts";
import { inFolder } from "./reportTools.ts";
import { workOf } from "./trainingTools.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const data = proceduralDataset({ seed: 0, train: 24, test: 12, size: 32 });
const model = { imageSize: 32, embedDim: 12, decoderDim: 8, decoderHeads: 2 };
const TINY = { data, model, threads: compiled.threads, epochs: 3, batch: 8 };

/** Whether two types are one. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
/** A type with the members of all its parts in one place. */
type Flat<T> = T extends object ? { [K in keyof T]: Flat<T[K]> } : T;

Deno.test("the written-out types of records are those of their schemas", () => {
  const epoch: Same<Flat<Epoch>, Flat<z.infer<typeof epochSchema>>> = true;
  const record: Same<Flat<PhaseRecord>, Flat<z.infer<typeof phaseRecordSchema>>> = true;
  assertEqual([epoch, record], [true, true]); // the compiler has decided it
});

Deno.test("pretrain() trains what the phase of its config trains, steps and rates computed from images and batch", async () => {
  const { weights, config, schedule, epochs, events, params } = await pretrain({ ...TINY, seed: 3 });
  const objective = pretrainObjective(config, data.train, 3);
  const { arena } = await train(objective, workOf({ dataset: data }));
  assertEqual(weightsHash(arenaOf(objective.parameters, weights, "compare")), weightsHash(arena));
  assertEqual(params, weights.tensors.values().reduce((sum, { data }) => sum + data.length, 0));
  // 24 images in batches of 8; recipe cifar10: 6e-3 per 256 images, warm-up 1.2 of 12 epochs
  assertEqual([schedule.iterationsPerEpoch, schedule.baseLr, config.warmupEpochs.toFixed(12)], [
    3,
    6e-3 * 8 / 256,
    "0.300000000000",
  ]);
  const { data: _data, threads: _threads, ...options } = TINY;
  assertEqual(pretrainSchedule({ ...options, images: 24 }), schedule);
  assertEqual([epochs.length, events.length > 0, config.freeze?.t0], [3, true, 0.8]);
});

Deno.test("pretrain() without freezing has no event, tells of steps, and stops at a signal", async () => {
  const steps: number[] = [], stop = new AbortController();
  const { events, config } = await pretrain({
    ...TINY,
    epochs: 1,
    freeze: null,
    onStep: ({ done }) => steps.push(done),
  });
  assertEqual([events, config.freeze, steps], [[], null, [1, 2, 3]]);
  const stopped = pretrain({ ...TINY, signal: stop.signal, onStep: () => stop.abort(new Error("enough")) });
  await assertRejects(() => stopped, "enough");
});

Deno.test("finetune() starts from the weights, evaluate() and the probes look at them, a file keeps them", () =>
  inFolder(async (folder) => {
    const { weights } = await pretrain({ ...TINY, epochs: 1 }), path = `${folder}/w.safetensors`;
    await saveWeights(path, weights);
    const from = await loadWeights(path);
    assertEqual([from.model, [...from.tensors].sort()], [weights.model, [...weights.tensors].sort()]);
    // At no learning rate the encoder stays in every bit.
    const options = { data, from, threads: compiled.threads, epochs: 1, batch: 8, mixup: 0, cutmix: 0 };
    const tuned = await finetune({ ...options, lr: 1e-30, minLr: 0 });
    for (const name of transferredParameters(tuned.config.model as never)) {
      assertEqual(tuned.weights.tensors.get(name)!.data, weights.tensors.get(name)!.data, name);
    }
    assertEqual(await evaluate({ weights: tuned.weights, data, batch: 8, threads: compiled.threads }), tuned.metrics);
    const { values } = await features({ from, images: data.test, threads: compiled.threads });
    assertTrue(values.every(Number.isFinite) && new Set(values).size > 12, "features are all alike");
    assertEqual(await knnProbe({ data, from, k: 24 }), await knnProbe({ data, from: weights, k: 24 }));
    await assertRejects(() => knnProbe({ data, from, k: 25 }), "Cannot use knn.k 25: want at most the 24");
    await assertRejects(() => knnProbe({ data, from: tuned.weights }), "Cannot start from weights of kind classifier");
    await assertRejects(
      () => evaluate({ data, weights }),
      "Cannot evaluate weights of kind localmim: want a classifier",
    );
  }));

Deno.test("pretrain() refuses settings in one line", async () => {
  await assertRejects(
    () => pretrain({ ...TINY, batch: 64 }),
    "Cannot fill a batch of 64 images: the training set has 24",
  );
  await assertRejects(() => pretrain({ ...TINY, epochs: 0 }), "Cannot use pretrain.epochs 0");
  await assertRejects(() => pretrain({ ...TINY, ...{ speed: 1 } }), "speed");
  await assertRejects(() => pretrain({ ...TINY, model: { ...model, embedDim: 13 } }), "embedDim 13");
  await assertRejects(
    () => finetune({ data, from: { model: { kind: "linear", config: {} }, tensors: new Map() } }),
    "kind linear",
  );
});

/** Runs a program of the package's user with some rights, from a folder of the checkout. */
async function program(code: string, ...rights: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", ...rights, "-"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const ended = await child.output(), text = new TextDecoder();
  return { code: ended.code, out: text.decode(ended.stdout).trim(), err: text.decode(ended.stderr) };
}

const importing = (name: string, then: string) => `import * as m from "@vitfreeze/vitfreeze${name}"; ${then}`;

Deno.test("schedules, hog, methods and the bare name need no permission, and load neither tfjs nor sharp", async () => {
  const calls = {
    "/schedules": "m.freezeTimes({ layers: 2, t0: 0.5, power: 1 })[0]",
    "/hog": "m.hogOf(new Uint8Array(192), { width: 8, height: 8 }).scales.length",
    "/methods": "m.scaleLr(1, 128)",
    "": "m.halfCosine(1)",
  };
  for (const [name, call] of Object.entries(calls)) {
    const wanted = { "/schedules": "0.5", "/hog": "2", "/methods": "0.5", "": "0" }[name];
    const { code, out, err } = await program(importing(name, `console.log(${call});`));
    assertEqual([code, out, err], [0, wanted, ""], name);
    const file = name === "" ? "mod.ts" : `api${name}.ts`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", file], cwd: ROOT }).output();
    const { modules }: { modules: { dependencies?: { specifier: string; code?: unknown }[] }[] } = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    // Imports of types load nothing.
    const loaded = modules.flatMap(({ dependencies = [] }) => dependencies).filter(({ code }) => code !== undefined);
    const heavy = loaded.filter(({ specifier }) => /tfjs|sharp|onnxruntime/.test(specifier));
    assertEqual([loaded.length > 4, heavy], [true, []], name);
  }
});

Deno.test("train and weights run with the permissions that they name", async () => {
  const code = importing(
    "/train",
    `import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
     const data = proceduralDataset({ seed: 0, train: 8, test: 8, size: 32 });
     const model = ${JSON.stringify(model)};
     const { epochs } = await m.pretrain({ data, model, epochs: 1, batch: 8 });
     console.log(epochs.length);`,
  ).replace("../datasets", "./datasets");
  const rights = ["--allow-ffi", "--allow-read", "--allow-env=ORT_DISABLE_TELEMETRY"];
  const ran = await program(code, ...rights), refused = await program(code, ...rights.slice(1));
  assertEqual([ran.code, ran.out], [0, "1"], ran.err);
  assertTrue(refused.code !== 0 && /ffi access/.test(refused.err), refused.err);
});
