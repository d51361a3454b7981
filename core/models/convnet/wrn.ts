import { z } from "zod";
import { globalAvgPool } from "../../engine/convOps.ts";
import { atLeast1, positive } from "../../numbers.ts";
import type { ConvNetConfig } from "./convNet.ts";
import { convNet } from "./family.ts";
import { linearInit, type Module } from "./modules.ts";
import { sidesFault } from "./sides.ts";

/** A wide residual network: WRN-depth-widen. */
export interface WrnConfig extends ConvNetConfig {
  /** Convolutions from the stem to the last block, and the head: 6 n + 4. */
  depth: number;
  /** Factor k on the widths 16, 32, 64 of the three stages; the stem keeps 16. Widths are rounded. */
  widen: number;
}

/** A pre-activation block. */
interface Block {
  name: string;
  inputs: number;
  outputs: number;
  stride: number;
}

const STEM = 16;

function blocksOf({ depth, widen }: WrnConfig): Block[] {
  const perStage = (depth - 4) / 6;
  let inputs = STEM;
  return [16, 32, 64].flatMap((width, stage) =>
    Array.from({ length: perStage }, (_, k) => {
      const outputs = Math.round(width * widen), stride = stage > 0 && k === 0 ? 2 : 1;
      const block = { name: `block${stage + 1}.${k}`, inputs, outputs, stride };
      inputs = outputs;
      return block;
    })
  );
}

const conv = (name: string, layer: number, inputs: number, outputs: number, size: number): Module => ({
  kind: "conv",
  name,
  layer,
  inputs,
  outputs,
  size,
});

/**
 * Wide residual networks as FreezeOut trains them (WRN.py): the stem has no norm; where the width changes, the shortcut starts
 * behind the first norm and ReLU, else before it.
 */
export const wrn = convNet<WrnConfig>({
  schema: z.strictObject({ imageSize: atLeast1, numClasses: atLeast1, depth: atLeast1, widen: positive }),
  fault(config) {
    const { depth, widen, imageSize } = config;
    if (depth < 10 || (depth - 4) % 6) {
      return `depth ${depth}: want 6 n + 4 of a wide residual network, e.g. 16, 28 or 40`;
    }
    if (Math.round(16 * widen) < 1) return `widen ${widen}: want one that leaves a stage at least one channel`;
    return sidesFault(imageSize, 2);
  },
  title: ({ depth, widen, imageSize }) => `WRN-${depth}-${widen}, ${imageSize} px`,
  layerNames: (config) => ["conv1", ...blocksOf(config).map(({ name }) => name), "bn1, fc"],
  modules(config) {
    const blocks = blocksOf(config), last = blocks.length + 1, width = blocks.at(-1)!.outputs;
    return [
      conv("conv1", 0, 3, STEM, 3),
      ...blocks.flatMap(({ name, inputs, outputs }, k): Module[] => [
        { kind: "norm", name: `${name}.bn1`, layer: k + 1, channels: inputs },
        conv(`${name}.conv1`, k + 1, inputs, outputs, 3),
        { kind: "norm", name: `${name}.bn2`, layer: k + 1, channels: outputs },
        conv(`${name}.conv2`, k + 1, outputs, outputs, 3),
        ...(inputs === outputs ? [] : [conv(`${name}.convShortcut`, k + 1, inputs, outputs, 1)]),
      ]),
      { kind: "norm", name: "bn1", layer: last, channels: width },
      { kind: "linear", name: "fc", layer: last, inputs: width, outputs: config.numClasses, weight: linearInit(width) },
    ];
  },
  logits(config, pass, images) {
    let x = pass.conv("conv1", images, { padding: 1 }); // [N, 16, S, S]
    for (const { name, inputs, outputs, stride } of blocksOf(config)) {
      const a = pass.norm(`${name}.bn1`, x, true);
      const b = pass.norm(`${name}.bn2`, pass.conv(`${name}.conv1`, a, { stride, padding: 1 }), true);
      const shortcut = inputs === outputs ? x : pass.conv(`${name}.convShortcut`, a, { stride });
      x = pass.conv(`${name}.conv2`, b, { padding: 1 }, shortcut);
    }
    return pass.linear("fc", globalAvgPool(pass.norm("bn1", x, true)));
  },
});
