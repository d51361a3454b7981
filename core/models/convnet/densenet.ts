import { z } from "zod";
import { avgPool, concatChannels, relu } from "../../engine/convOps.ts";
import { atLeast1, number } from "../../numbers.ts";
import type { ConvNetConfig } from "./convNet.ts";
import { fromLayers, normHead } from "./fromLayers.ts";
import type { Layer } from "./layer.ts";
import { conv, linear, norm } from "./parts.ts";
import { MOST_LAYERS, netKeys, sideFault } from "./schema.ts";

/** A DenseNet (Huang et al. 2017) of three dense blocks, transitions halving the channels between them. */
export interface DenseNetConfig extends ConvNetConfig {
  /** Layers with weights: 6 n + 4 with bottlenecks, 3 n + 4 without, for n units a block. */
  depth: number;
  /** Channels that a unit adds. */
  growth: number;
  /** Whether a unit is 1x1 to four times the growth, then 3x3 (DenseNet-BC), or a 3x3 alone. */
  bottleneck: boolean;
}

/** Channels of the stem, and of a bottleneck, over the growth. */
const STEM = 2, BOTTLENECK = 4;

/** A unit with bottleneck; what it makes stands behind what it was given. */
function bottleneckUnit(name: string, from: number, growth: number, side: number): Layer {
  const inner = BOTTLENECK * growth;
  const bn1 = norm(`${name}.bn1`, from), conv1 = conv(`${name}.conv1`, { from, to: inner, kernel: 1, side });
  const bn2 = norm(`${name}.bn2`, inner), conv2 = conv(`${name}.conv2`, { from: inner, to: growth, kernel: 3, side });
  return {
    name,
    parts: [bn1, conv1, bn2, conv2],
    forward(x, pass) {
      const inside = pass.normRelu(bn2, pass.conv(conv1, pass.normRelu(bn1, x))); // [N, 4 growth, H, W]
      return concatChannels([x, pass.conv(conv2, inside)]); // [N, from + growth, H, W]
    },
  };
}

/** A unit without bottleneck: here the norm stands behind ReLU (FreezeOut's densenet.py, unlike DenseNet). */
function plainUnit(name: string, from: number, growth: number, side: number): Layer {
  const bn1 = norm(`${name}.bn1`, from), conv1 = conv(`${name}.conv1`, { from, to: growth, kernel: 3, side });
  return {
    name,
    parts: [bn1, conv1],
    forward: (x, pass) => concatChannels([x, pass.conv(conv1, pass.norm(bn1, relu(x)))]),
  };
}

/** A transition: ReLU, norm (in this order), 1x1, mean over 2 x 2 pixels. */
function transition(name: string, from: number, side: number): Layer {
  const bn1 = norm(`${name}.bn1`, from);
  const conv1 = conv(`${name}.conv1`, { from, to: Math.floor(from / 2), kernel: 1, side });
  return {
    name,
    parts: [bn1, conv1],
    forward: (x, pass) => avgPool(pass.conv(conv1, pass.norm(bn1, relu(x))), 2),
  };
}

/** Layers with weights that a unit has. */
const layersOfUnit = (bottleneck: boolean) => bottleneck ? 2 : 1;

function denseNetLayers({ imageSize, numClasses, depth, growth, bottleneck }: DenseNetConfig): Layer[] {
  let from = STEM * growth, side = imageSize;
  const stem = conv("conv1", { from: 3, to: from, kernel: 3, side, entry: true }),
    unit = bottleneck ? bottleneckUnit : plainUnit;
  const layers: Layer[] = [{ name: stem.name, parts: [stem], forward: (x, pass) => pass.conv(stem, x) }];
  for (let block = 1; block <= 3; block++) {
    for (let i = 0; i < (depth - 4) / 3 / layersOfUnit(bottleneck); i++, from += growth) {
      layers.push(unit(`dense${block}.${i}`, from, growth, side));
    }
    if (block === 3) break;
    layers.push(transition(`trans${block}`, from, side));
    from = Math.floor(from / 2);
    side /= 2;
  }
  return [...layers, normHead(norm("bn1", from), linear("fc", { from, to: numClasses }))];
}

/** DenseNets as in FreezeOut's densenet.py; the last average pool takes the whole image, at 32 pixels the official 8 x 8. */
export const densenet = fromLayers<DenseNetConfig>({
  schema: z.strictObject({
    ...netKeys,
    depth: number(`a whole number up to ${MOST_LAYERS}`, (n) => Number.isInteger(n) && n >= 1 && n <= MOST_LAYERS),
    growth: atLeast1,
    bottleneck: z.boolean("true or false"),
  }),
  fault({ imageSize, depth, bottleneck }) {
    const units = (depth - 4) / 3 / layersOfUnit(bottleneck);
    if (!(Number.isInteger(units) && units >= 1)) {
      return bottleneck
        ? `depth ${depth}: want 6 n + 4 for n units a block, e.g. 40 or 100`
        : `depth ${depth}: want 3 n + 4 for n units a block without bottleneck, e.g. 40 or 100`;
    }
    return sideFault(imageSize, 4);
  },
  title: ({ imageSize, depth, growth, bottleneck }) => {
    return `DenseNet${bottleneck ? "-BC" : ""}-${depth}, growth ${growth}, ${imageSize} px`;
  },
  layers: denseNetLayers,
});
