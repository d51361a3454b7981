// Trains a tiny program on the compiled engine and prints, as JSON, the telemetry switch and the sockets that this process
// has open before and after.

import * as tf from "@tensorflow/tfjs";
import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import type { Program } from "../core/engine/program.ts";

function sockets(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      const target = Deno.readLinkSync(`/proc/self/fd/${name}`);
      return target.startsWith("socket:") ? [target] : [];
    } catch {
      return []; // the descriptor that the folder itself was read by
    }
  });
}

const before = sockets(), telemetryBefore = Deno.env.get("ORT_DISABLE_TELEMETRY") ?? null;
const program: Program = {
  parameters: [{ name: "w", shape: [64, 64] }],
  inputs: { x: { shape: [64, 64], dtype: "float32" } },
  build: (p, { x }) => ({ loss: tf.sum(tf.matMul(x as tf.Tensor2D, p("w") as tf.Tensor2D)) }),
};
const arena = new Arena(program.parameters), step = await new CompiledEngine(2).train(program, arena, ["w"]);
for (let i = 0; i < 20; i++) await step.run({ x: new Float32Array(64 * 64).fill(1) });
// Time for anything that is sent in the background.
await new Promise((resolve) => setTimeout(resolve, 300));
const gradient = arena.view("w", "gradient")[0];
step.dispose();
console.log(JSON.stringify({
  telemetry: [telemetryBefore, Deno.env.get("ORT_DISABLE_TELEMETRY")],
  sockets: [before, sockets()],
  gradient,
}));
