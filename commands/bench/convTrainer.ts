import { Arena } from "../../core/engine/arena.ts";
import { CompiledEngine } from "../../core/engine/compiled.ts";
import type { Feeds, Step } from "../../core/engine/program.ts";
import type { ConvNet, ConvNetConfig } from "../../core/models/convnet/convNet.ts";
import { convNetOf } from "../../core/models/convnet/mod.ts";
import { RESNET_PRESETS } from "../../core/models/convnet/resnet.ts";
import { statisticsSpecs } from "../../core/models/convnet/statistics.ts";
import { initialize } from "../../core/models/init.ts";
import { Sgd } from "../../core/optim/sgdOptimizer.ts";
import { randomStream } from "../../core/random/stream.ts";
import type { Repetition } from "./race.ts";

/** Images of a step. */
export const CONV_BATCH = 64;

/** A network that is measured; its peers are `conv-PEER-nchw` and `conv-PEER-last`. */
export interface ConvCase {
  name: string;
  peer: string;
  net: { name: string } & Record<string, unknown>;
  /** Layers that are frozen, the stem being the first. */
  frozen: number;
}

const shape = { imageSize: 32, numClasses: 10 };
const wrn = (depth: number, widen: number) => ({ name: "wrn", depth, widen, ...shape });

/** Networks for 32-pixel images, with SGD. */
export const CONV_CASES: ConvCase[] = [
  { name: "WRN-16-1", peer: "wrn-16-1", net: wrn(16, 1), frozen: 0 },
  { name: "WRN-10-2", peer: "wrn-10-2", net: wrn(10, 2), frozen: 0 },
  { name: "WRN-28-2", peer: "wrn-28-2", net: wrn(28, 2), frozen: 0 },
  { name: "WRN-28-2, 9 layers frozen", peer: "wrn-28-2-frozen-9", net: wrn(28, 2), frozen: 9 },
  { name: "WRN-16-4", peer: "wrn-16-4", net: wrn(16, 4), frozen: 0 },
  { name: "ResNet-18", peer: "resnet18", net: { name: "resnet", ...RESNET_PRESETS.resnet18, ...shape }, frozen: 0 },
  {
    name: "DenseNet-BC-40",
    peer: "densenet-bc-40",
    net: { name: "densenet", depth: 40, growth: 12, bottleneck: true, ...shape },
    frozen: 0,
  },
];

/** Training of a network on one drawn batch, a step at a time. */
export class ConvTrainer {
  private constructor(
    readonly step: Step,
    readonly sgd: Sgd,
    readonly live: readonly string[],
    readonly feeds: Feeds,
  ) {}

  /** Makes the step of a network of which the first layers are frozen. */
  static async create({ net: value, frozen }: ConvCase, threads: number): Promise<ConvTrainer> {
    const { net, config } = convNetOf(value) as { net: ConvNet<ConvNetConfig>; config: ConvNetConfig };
    const parameters = net.parameters(config), statistics = statisticsSpecs(net.statistics(config));
    const arena = new Arena([...parameters, ...statistics]), { imageSize, numClasses } = config;
    initialize(arena, parameters, 0);
    for (const { name } of statistics) arena.view(name).fill(name.endsWith("_var") ? 1 : 0);
    const live = parameters.map(({ name }) => name).filter((name) => net.layerOf(config, name) >= frozen);
    const step = await new CompiledEngine(threads).train(net.program(config, CONV_BATCH, frozen), arena, live);
    const sgd = await Sgd.create(arena, { momentum: 0.9, nesterov: true }, { own: 1, total: 1 }, threads);
    const random = randomStream(0, "procedural"), targets = new Float32Array(CONV_BATCH * numClasses);
    const images = Float32Array.from({ length: CONV_BATCH * 3 * imageSize ** 2 }, () => random.normal());
    for (let k = 0; k < CONV_BATCH; k++) targets[k * numClasses + k % numClasses] = 1;
    return new ConvTrainer(step, sgd, live, { images, targets });
  }

  /** Forward and backward pass and update; in seconds. */
  async once(): Promise<Repetition> {
    const start = performance.now();
    await this.step.run(this.feeds);
    this.sgd.update(this.live.map((name) => ({ name, lr: 0.01, weightDecay: 1e-4 })));
    return { seconds: (performance.now() - start) / 1000, parts: {} };
  }

  /** Frees the step, and ends the threads of the optimiser. */
  [Symbol.dispose](): void {
    this.step.dispose();
    this.sgd.dispose();
  }
}
