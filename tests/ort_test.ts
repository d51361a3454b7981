import * as tf from "@tensorflow/tfjs-core";
import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { EagerEngine } from "../core/engine/eager.ts";
import { ortApi } from "../core/engine/ort/api.ts";
import { OrtSession } from "../core/engine/ort/session.ts";
import type { Program } from "../core/engine/program.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { compiled, eager, normals, randomArena } from "./engineTools.ts";

const product: Program = {
  parameters: [{ name: "w", shape: [3, 2] }],
  inputs: { x: { shape: [4, 3], dtype: "float32" } },
  build: (p, { x }) => {
    const y = tf.matMul(x as tf.Tensor2D, p("w") as tf.Tensor2D);
    return { y, loss: tf.sum(y) };
  },
};
const x = Float32Array.from({ length: 12 }, (_, i) => i);

Deno.test("ortApi() switches telemetry off", () => {
  assertTrue(/^\d+\.\d+\.\d+$/.test(ortApi().version), ortApi().version);
  assertEqual(Deno.env.get("ORT_DISABLE_TELEMETRY"), "1");
  assertTrue(ortApi() === ortApi(), "the library is loaded twice");
});

const linux = Deno.build.os === "linux";
if (!linux) console.log("skipping the test of telemetry: it needs /proc");
Deno.test({
  name: "CompiledEngine opens no internet socket and no file of a telemetry client",
  ignore: !linux,
  async fn() {
    // ONNX Runtime's client opens onnxruntime.db and mat-debug-….log at once, and a connection after some ten seconds.
    const probe = new URL("./socketProbe.ts", import.meta.url).pathname;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", probe],
      // Deno itself looks for updates now and then.
      env: { ORT_DISABLE_TELEMETRY: "0", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    assertEqual(code, 0, new TextDecoder().decode(stderr));
    const found = JSON.parse(new TextDecoder().decode(stdout));
    assertEqual(found, { telemetry: ["0", "1"], gradient: 64, sockets: [], files: [] });
  },
});

Deno.test("CompiledEngine reads weights and writes gradients in place", async () => {
  const arena = randomArena(product), step = await compiled.train(product, arena, ["w"]);
  const columns = (rows: number[]) =>
    [0, 1, 2].map((column) => rows.reduce((sum, row) => sum + x[3 * row + column], 0));
  for (const value of [1, -2]) {
    arena.view("w").fill(value);
    arena.view("w", "gradient").fill(NaN);
    const { y } = await step.run({ x });
    assertEqual([...y], [0, 1, 2, 3].flatMap((row) => [3, 3].map(() => value * (9 * row + 3))));
    assertEqual([...arena.view("w", "gradient")], columns([0, 1, 2, 3]).flatMap((sum) => [sum, sum]));
  }
  step.dispose();
});

for (const engine of [compiled, eager]) {
  Deno.test(`Step.run() refuses feeds that are missing or of the wrong length: ${engine.info.name}`, async () => {
    const step = await engine.infer(product, randomArena(product));
    await assertRejects(async () => await step.run({}), "input 'x' has none values, want [4,3]");
    await assertRejects(async () => await step.run({ x: x.slice(1) }), "input 'x' has 11 values, want [4,3]");
    step.dispose();
  });

  Deno.test(`an engine names a parameter that the program does not declare: ${engine.info.name}`, async () => {
    const program: Program = { ...product, build: (p) => ({ loss: tf.sum(p("v")) }) }, arena = randomArena(product);
    const run = async () => await (await engine.train(program, arena, ["w"])).run({ x });
    await assertRejects(run, "it does not declare the parameter 'v' it reads");
  });
}

Deno.test("OrtSession reports a model that cannot be loaded", async () => {
  await assertRejects(
    () => new OrtSession(new Uint8Array([1, 2, 3]), { threads: 1 }),
    "ONNX Runtime CreateSessionFrom",
  );
});

Deno.test("EagerEngine refuses a backend that does not exist", async () => {
  await assertRejects(() => EagerEngine.create("abacus"), /^Cannot use eager backend 'abacus': want one of cpu, /);
});

Deno.test("CompiledEngine frees steps that are disposed of", async () => {
  // Each step holds 8 MiB of constants: 60 that were kept would be 480 MiB. What JavaScript has not yet collected varies
  // by up to 120 MiB.
  const size = 1448, matrix = normals(size * size, 1), x = normals(size, 2);
  const program: Program = {
    parameters: [],
    inputs: { x: { shape: [1, size], dtype: "float32" } },
    build: (_, { x }) => ({ y: tf.matMul(x as tf.Tensor2D, tf.tensor2d(matrix, [size, size])) }),
  };
  const arena = new Arena([], 1),
    engine = new CompiledEngine(1),
    cycle = async () => {
      const step = await engine.infer(program, arena);
      await step.run({ x });
      step.dispose();
    };
  for (let i = 0; i < 20; i++) await cycle();
  const before = Deno.memoryUsage().rss;
  for (let i = 0; i < 60; i++) await cycle();
  const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
  assertTrue(grown < 240, `60 steps grew the process by ${grown.toFixed(0)} MiB`);
});
