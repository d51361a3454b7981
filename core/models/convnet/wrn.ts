import { z } from "zod";
import { number } from "../../numbers.ts";
import type { ConvNetConfig } from "./convNet.ts";
import { fromLayers, normHead } from "./fromLayers.ts";
import type { Layer } from "./layer.ts";
import { conv, linear, norm } from "./parts.ts";
import { MOST_LAYERS, netKeys, sideFault } from "./schema.ts";

/** A Wide ResNet, WRN-depth-widen (Zagoruyko and Komodakis 2016). */
export interface WrnConfig extends ConvNetConfig {
  /** Layers with weights, 6 n + 4 for n blocks a stage. */
  depth: number;
  /** Factor on the widths 16, 32, 64 of the three stages; may be broken, widths are rounded. */
  widen: number;
}

/** Channels of the stem, whatever the widening. */
const STEM = 16;

/** A pre-activation block; where the width changes, its shortcut starts behind the first norm and ReLU (FreezeOut's WRN.py). */
function block(name: string, size: { from: number; to: number; stride: number; side: number }): Layer {
  const { from, to, stride, side } = size;
  const bn1 = norm(`${name}.bn1`, from), conv1 = conv(`${name}.conv1`, { ...size, kernel: 3 });
  const bn2 = norm(`${name}.bn2`, to);
  const conv2 = conv(`${name}.conv2`, { from: to, to, kernel: 3, side: side / stride });
  const shortcut = from === to ? undefined : conv(`${name}.convShortcut`, { ...size, kernel: 1 });
  return {
    name,
    parts: [bn1, conv1, bn2, conv2, ...shortcut ? [shortcut] : []],
    forward(x, pass) {
      const active = pass.normRelu(bn1, x); // [N, from, H, W]
      const hidden = pass.normRelu(bn2, pass.conv(conv1, active)); // [N, to, H / stride, W / stride]
      return pass.conv(conv2, hidden, shortcut ? pass.conv(shortcut, active) : x);
    },
  };
}

function wrnLayers({ imageSize, numClasses, depth, widen }: WrnConfig): Layer[] {
  const stem = conv("conv1", { from: 3, to: STEM, kernel: 3, side: imageSize, entry: true });
  const layers: Layer[] = [{ name: stem.name, parts: [stem], forward: (x, pass) => pass.conv(stem, x) }];
  let from = STEM, side = imageSize;
  for (let stage = 1; stage <= 3; stage++) {
    const to = Math.round(2 ** (stage - 1) * 16 * widen);
    for (let i = 0; i < (depth - 4) / 6; i++) {
      const stride = stage > 1 && i === 0 ? 2 : 1;
      layers.push(block(`block${stage}.${i}`, { from, to, stride, side }));
      from = to;
      side /= stride;
    }
  }
  return [...layers, normHead(norm("bn1", from), linear("fc", { from, to: numClasses }))];
}

/** Wide ResNets as in FreezeOut's WRN.py; the last average pool takes the whole image, at 32 pixels the official 8 x 8. */
export const wrn = fromLayers<WrnConfig>({
  schema: z.strictObject({
    ...netKeys,
    depth: number("6 n + 4 for n blocks a stage, e.g. 16, 28 or 40", (n) => {
      return Number.isInteger(n) && n >= 10 && n <= MOST_LAYERS && n % 6 === 4;
    }),
    // From here on the widths of the three stages, 16, 32 and 64 times it, are not zero and differ.
    widen: number("a number of at least 0.05", (n) => n >= 0.05),
  }),
  fault: ({ imageSize }) => sideFault(imageSize, 4),
  title: ({ imageSize, depth, widen }) => `WRN-${depth}-${widen}, ${imageSize} px`,
  layers: wrnLayers,
});
