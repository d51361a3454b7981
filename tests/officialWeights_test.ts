// State dicts of SimMIM's and BEiT's own code: the encoder that was pre-trained comes out of them.

import { Arena } from "../core/engine/arena.ts";
import { METHODS } from "../core/methods/mod.ts";
import { sourceOf } from "../core/models/classifier.ts";
import { type EncoderConfig, tokenCount } from "../core/models/config.ts";
import { encoderSpecs } from "../core/probes/features.ts";
import { relativeIndex } from "../core/models/relativePositions.ts";
import { apartMask } from "../core/models/swin/windows.ts";
import { isSwin, swinStages } from "../core/models/swin/config.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { loadWeights } from "../training/weights/load.ts";
import { ALL } from "./allTokensTools.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { randomArena } from "./engineTools.ts";
import { inFolder } from "./reportTools.ts";

const SWIN = {
  ...{ ...ALL.simmim, imageSize: 64, depth: 4, pattern: "uniform" as const },
  swin: { depths: [2, 2], numHeads: [1, 2], window: 4 },
};
const CONFIGS = { beit: ALL.beit, simmim: ALL.simmim, swin: SWIN, maskfeat: ALL.maskfeat };
const index = (values: Int32Array, tokens: number): Tensor => ({
  dtype: "I64",
  shape: [tokens, tokens],
  data: BigInt64Array.from(values, BigInt),
});

/** What released code keeps beside the parameters. */
function buffers(name: string, vit: EncoderConfig): [string, Tensor][] {
  if (!isSwin(vit)) {
    const grid = vit.imageSize / vit.patchSize, own = "rel_pos_bias.relative_position_index";
    if (vit.positions !== "relative") {
      return [["hogs.0.weight_x", { dtype: "F32", shape: [1], data: Float32Array.of(1) }]];
    }
    return [[name === "beit" ? own : `encoder.${own}`, index(relativeIndex(grid), grid ** 2 + 1)]];
  }
  return swinStages(vit).flatMap((stage, s) => {
    const { window, shift, grid } = stage, size = window ** 2, first = `encoder.layers.${s}.blocks.`;
    const mask: Tensor = { dtype: "F32", shape: [(grid / window) ** 2, size, size], data: apartMask(stage, shift) };
    return [
      ...[0, 1].map((block): [string, Tensor] => [
        `${first}${block}.attn.relative_position_index`,
        index(relativeIndex(window, 0), size),
      ]),
      [`${first}1.attn_mask`, mask] as [string, Tensor],
    ];
  });
}

for (const [name, config] of Object.entries(CONFIGS)) {
  const method = METHODS[name === "swin" ? "simmim" : name];
  Deno.test(`the encoder of ${name}'s own checkpoint is read, with the values that were trained`, () =>
    inFolder(async (folder) => {
      const { vit } = method.encoder(config),
        trained = randomArena({ parameters: method.parameters(config) } as never, 0.3);
      const dict = new Map<string, Tensor>([
        ...trained.names().map((tensor): [string, Tensor] => [
          tensor,
          { dtype: "F32", shape: trained.shape(tensor), data: trained.view(tensor) },
        ]),
        ...buffers(name, vit),
      ]);
      const path = `${folder}/x.safetensors`, options = { encoderOnly: true, ...(name === "maskfeat" && { heads: 2 }) };
      const put = (change: [string, Tensor][] = []) =>
        Deno.writeFile(path, writeSafetensors([...new Map([...dict, ...change])]));
      await put();
      const { model, tensors, leftOut } = await loadWeights(path, options);
      assertEqual(model, {
        kind: "encoder",
        config: { ...vit, ...(vit.layerScale !== undefined && { layerScale: 0.1 }) },
      });
      const learned = name === "maskfeat", specs = encoderSpecs(vit, learned), arena = new Arena(specs, 1);
      for (const tensor of arena.names()) {
        const from = sourceOf(tensor, (own) => trained.has(own));
        assertEqual(tensors.get(tensor)?.data, trained.view(from).slice(), tensor);
      }
      assertTrue(leftOut > 0 && tokenCount(vit) > 1, "what predicts is left out");
      if (learned) return;
      // An index that counts otherwise is another model.
      const [[place, own]] = buffers(name, vit), odd = BigInt64Array.from(own.data as BigInt64Array);
      const k = odd.findIndex((entry, at) => entry !== odd[at + 1]);
      [odd[k], odd[k + 1]] = [odd[k + 1], odd[k]];
      await put([[place, { ...own, data: odd }]]);
      await assertRejects(() => loadWeights(path, options), "relative_position_index' has");
      await put([[`${place.replace(/[^.]*$/, "")}k_norm.weight`, {
        dtype: "F32",
        shape: [1],
        data: Float32Array.of(1),
      }]]);
      await assertRejects(() => loadWeights(path, options), "k_norm.weight, which");
      await put();
      await assertRejects(() => loadWeights(path, { ...options, heads: 2 }), "Cannot use --heads:");
      await assertRejects(() => loadWeights(path, { ...options, imageSize: 32 }), "Cannot use --image-size:");
    }));
}
