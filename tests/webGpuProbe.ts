// Runs steps on WebGPU and on the CPU and prints what differs, as JSON; webGpu_test.ts gives it a Vulkan.

import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { lower } from "../core/engine/lower/lower.ts";
import { encodeModel } from "../core/engine/onnx/encode.ts";
import type { Card } from "../core/engine/ort/card.ts";
import { webGpu } from "../core/engine/ort/webGpu.ts";
import { OrtSession } from "../core/engine/ort/session.ts";
import type { Feeds, Program } from "../core/engine/program.ts";
import { trace } from "../core/engine/tracer.ts";
import { localMimView } from "../core/methods/localmim/view.ts";
import { METHODS } from "../core/methods/mod.ts";
import { convNetOf } from "../core/models/convnet/mod.ts";
import { randomStream } from "../core/random/stream.ts";
import { relativeNorm } from "./assert.ts";
import { ALL } from "./allTokensTools.ts";
import { normals, randomArena, TINY } from "./engineTools.ts";

const stream = (image: number, view: number) => randomStream(9, "mask", image, view);

/** The largest relative difference of any gradient or output between the devices. */
async function worst(program: Program, feeds: Feeds): Promise<{ error: number; compared: number }> {
  const names = program.parameters.map(({ name }) => name);
  const run = async (card?: Card): Promise<Map<string, Float32Array>> => {
    const arena: Arena = randomArena(program, 0.2),
      step = await new CompiledEngine(1, undefined, card).train(program, arena, names);
    const outputs = await step.run(feeds),
      all = new Map(Object.entries(outputs).map(([name, values]) => [name, values.slice()]));
    for (const name of names) all.set(`gradient ${name}`, arena.view(name, "gradient").slice());
    step.dispose();
    return all;
  };
  const [cpu, gpu] = [await run(), await run(webGpu)],
    errors = [...cpu].map(([name, values]) => relativeNorm(gpu.get(name)!, values));
  return {
    error: errors.reduce((most, each) => each > most || Number.isNaN(each) ? each : most, 0),
    compared: errors.length,
  };
}

async function refusal(make: () => unknown): Promise<string> {
  try {
    await make();
    return "";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

const pixels = Uint8Array.from({ length: 2 * 32 * 32 * 3 }, (_, k) => (k * 7919) % 251);
const normalised = Float32Array.from(pixels, (value) => value / 127.5 - 1);
const ofMethod = (name: "localmim" | "simmim", config: unknown) => {
  const method = METHODS[name], live = method.stageLosses(config).map(() => true), feeder = method.feeder(config, live);
  const program = method.program(config, 2, live);
  return worst(program, feeder.inputs(normalised, 2, feeder.targets(pixels, 2), stream));
};
const { net, config } = convNetOf({ name: "wrn", depth: 10, widen: 1, imageSize: 32, numClasses: 10 });
const netFeeds = (images: number): Feeds => ({
  images: normals(images * 3 * 32 * 32, 3),
  targets: Float32Array.from({ length: images * 10 }, (_, k) => Number(k % 11 === 0)),
});
const { graph, outputs } = await trace(METHODS.simmim.program(ALL.simmim, 2, [true]), []);
console.log(JSON.stringify({
  stages: localMimView(TINY).stages.length,
  localmim: await ofMethod("localmim", TINY),
  simmim: await ofMethod("simmim", ALL.simmim),
  net: await worst(net.program(config, 4, 0), netFeeds(4)),
  wrong: await refusal(() => worst(net.program(config, 6, 0), netFeeds(6))),
  fused: await refusal(() => new OrtSession(encodeModel(lower(graph, outputs)), { threads: 1, card: webGpu })),
}));
