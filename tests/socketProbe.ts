// Trains a tiny program on the compiled engine and prints, as JSON, the telemetry switch and what the process has opened
// meanwhile: internet sockets and files, Deno's own caches left out. Linux only.

import * as tf from "@tensorflow/tfjs-core";
import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import type { Program } from "../core/engine/program.ts";

/** Where the descriptors of this process lead to: paths, "socket:[inode]", "pipe:[inode]", … */
function descriptors(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      return [Deno.readLinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return []; // the descriptor that the folder itself was read by
    }
  });
}

/** Whether a descriptor is a TCP or UDP socket. */
function isInternet(descriptor: string): boolean {
  const inode = /^socket:\[(\d+)\]$/.exec(descriptor)?.[1];
  return inode !== undefined && ["tcp", "tcp6", "udp", "udp6"].some((kind) => {
    try {
      return Deno.readTextFileSync(`/proc/self/net/${kind}`).split("\n").some((line) =>
        line.trim().split(/\s+/)[9] === inode
      );
    } catch {
      return false; // a machine without IPv6
    }
  });
}

const isFile = (descriptor: string) => descriptor.startsWith("/") && !/^\/dev\/|_cache_v\d+/.test(descriptor);

const before = new Set(descriptors()), telemetryBefore = Deno.env.get("ORT_DISABLE_TELEMETRY") ?? null;
const program: Program = {
  parameters: [{ name: "w", shape: [64, 64] }],
  inputs: { x: { shape: [64, 64], dtype: "float32" } },
  build: (p, { x }) => ({ loss: tf.sum(tf.matMul(x as tf.Tensor2D, p("w") as tf.Tensor2D)) }),
};
const arena = new Arena(program.parameters), step = await new CompiledEngine(2).train(program, arena, ["w"]);
for (let i = 0; i < 20; i++) await step.run({ x: new Float32Array(64 * 64).fill(1) });
// Time for anything that is begun in the background.
await new Promise((resolve) => setTimeout(resolve, 300));
const gradient = arena.view("w", "gradient")[0];
const opened = descriptors().filter((descriptor) => !before.has(descriptor));
step.dispose();
console.log(JSON.stringify({
  telemetry: [telemetryBefore, Deno.env.get("ORT_DISABLE_TELEMETRY")],
  gradient,
  sockets: opened.filter(isInternet),
  files: opened.filter(isFile),
}));
