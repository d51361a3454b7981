import { Arena } from "../../../core/engine/arena.ts";
import { CompiledEngine } from "../../../core/engine/compiled.ts";
import { initialize } from "../../../core/models/init.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { type Blocks, blocksParameters, blocksProgram } from "../blocksProgram.ts";
import { type Context, type Measured, pauseOf, withPeers } from "../context.ts";
import { besidePeers, timeEntry } from "../entries.ts";
import { contestant, race } from "../race.ts";

const CASES: (Blocks & { name: string; peer: string })[] = [
  {
    name: "blocks 192x12, 64 tokens, batch 64",
    peer: "blocks-192",
    depth: 12,
    dim: 192,
    heads: 3,
    tokens: 64,
    batch: 64,
  },
  {
    name: "blocks 768x12, 49 tokens, batch 8",
    peer: "blocks-768",
    depth: 12,
    dim: 768,
    heads: 12,
    tokens: 49,
    batch: 8,
  },
];

/** Forward and backward pass of 12 transformer blocks alone, at two sizes; seconds. */
export async function measureBlocks(context: Context): Promise<Measured> {
  return await withPeers(context, 1, async (peers) => {
    const entries = [];
    for (const { name, peer, ...size } of CASES) {
      context.say(name);
      const parameters = blocksParameters(size), arena = new Arena(parameters);
      initialize(arena, parameters, 0);
      const engine = new CompiledEngine(context.settings.threads);
      const step = await engine.train(blocksProgram(size), arena, parameters.map((parameter) => parameter.name));
      const random = randomStream(0, "test"), count = size.batch * size.tokens * size.dim;
      const noise = () => Float32Array.from({ length: count }, () => random.normal());
      const feeds = { x: noise(), target: noise() };
      const ours = contestant("ours", async () => void await step.run(feeds));
      const [own, ...timed] = await race(
        [ours, ...peers.map((one) => one.contestant(peer, "PyTorch"))],
        { warmup: context.settings.quick ? 1 : 2, kept: context.settings.quick ? 2 : 9 },
        pauseOf(context),
      );
      step.dispose();
      entries.push(...besidePeers(timed, (other) => timeEntry(name, own, other)));
    }
    return { entries };
  });
}
