// Checkpoints of timm's own models: read and computed with, or refused by name.

import { Arena } from "../core/engine/arena.ts";
import type { Program } from "../core/engine/program.ts";
import { type EncoderConfig, patchLength, tokenCount } from "../core/models/config.ts";
import { allTokens, gatherPatches } from "../core/models/patches.ts";
import { isSwin } from "../core/models/swin/config.ts";
import { encodeSwin, SWIN_EPS } from "../core/models/swin/encode.ts";
import { namedNorm } from "../core/models/vit.ts";
import { encodeWhole } from "../core/models/wholeEncoder.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { loadWeights } from "../training/weights/load.ts";
import { assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { compiled, runOnce } from "./engineTools.ts";
import { peerPython } from "./peerPython.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

/** Models that are read, with the heads that they have in timm; large ones with fewer blocks. */
const READ: Record<string, { heads: number; imageSize?: number; options?: Record<string, number> }> = {
  deit_tiny_patch16_224: { heads: 3 },
  vit_tiny_patch16_224: { heads: 3 },
  vit_small_patch32_224: { heads: 6 },
  vit_base_patch16_224: { heads: 12, options: { depth: 2 } },
  vit_large_patch16_224: { heads: 16, options: { depth: 1 } },
  vit_huge_patch14_224: { heads: 16, options: { depth: 1 } },
  vit_small_patch14_dinov2: { heads: 6, options: { img_size: 98 } }, // LayerScale
  vit_small_patch16_36x1_224: { heads: 6, options: { depth: 3 } }, // LayerScale
  deit3_small_patch16_224: { heads: 6, options: { depth: 6 } }, // LayerScale, positions of the patches alone
  flexivit_small: { heads: 6, options: { depth: 3 } }, // positions of the patches alone
  beit_base_patch16_224: { heads: 12, options: { depth: 2 } }, // relative positions, factors, no bias of keys, no last norm
  swin_tiny_patch4_window7_224: { heads: 24, imageSize: 224 }, // windows; tokens joined at the begin of stages
};

/** Models that are refused, and a tensor that the refusal names. */
const REFUSED: Record<string, { names: string; options?: Record<string, number> }> = {
  vit_small_patch14_reg4_dinov2: { names: "reg_token", options: { img_size: 98, depth: 1 } },
  deit_tiny_distilled_patch16_224: { names: "dist_token", options: { depth: 1 } },
  vit_base_patch16_clip_224: { names: "norm_pre.bias", options: { depth: 1 } },
  vit_base_patch16_siglip_224: { names: "no cls_token", options: { depth: 1 } },
  vit_medium_patch16_gap_256: { names: "no cls_token", options: { depth: 1 } },
  vit_base_patch16_224_miil: { names: "lacks blocks.0.attn.qkv.bias", options: { depth: 1 } },
  swinv2_tiny_window8_256: { names: "attn.cpb_mlp.0.bias" },
  eva02_tiny_patch14_224: { names: "blocks.0.attn.q_bias", options: { depth: 1 } },
  vit_small_patch16_dinov3: { names: "reg_token", options: { depth: 1 } },
  vit_small_patch16_rope_ape_224: { names: "blocks.0.gamma_1", options: { depth: 1 } },
  vit_giant_patch14_dinov2: { names: "'blocks.0.mlp.fc2.weight' is [1536, 4096]", options: { img_size: 98, depth: 1 } },
  vit_relpos_small_patch16_224: { names: "rel_pos", options: { depth: 1 } },
};

/** All tokens behind the last norm, if there is one, of an encoder: `patches` [N, 3*p*p] in, `tokens` [N+1, D] out, of Swin [N, D]. */
function tokensProgram(model: EncoderConfig, arena: Arena): Program {
  const N = tokenCount(model);
  return {
    parameters: arena.names().map((name) => ({ name, shape: arena.shape(name) })),
    inputs: { patches: { shape: [N, patchLength(model)], dtype: "float32" } },
    build(p, { patches }) {
      if (isSwin(model)) {
        const last = encodeSwin(p, model, patches, { batch: 1 });
        return { tokens: namedNorm(p, "norm", last, SWIN_EPS) };
      }
      const x = encodeWhole(p, model, { patches, batch: 1, positions: () => p("pos_embed") });
      return { tokens: arena.has("norm.weight") ? namedNorm(p, "norm", x) : x };
    },
  };
}

/** The relative error of what our encoder computes with a checkpoint of timm, and its heads. */
async function readAndCompute(
  folder: string,
  name: string,
  imageSize?: number,
): Promise<{ error: number; heads: number }> {
  const { model, tensors } = await loadWeights(`${folder}/${name}.pth`, { encoderOnly: true, imageSize });
  const config = model.config as EncoderConfig;
  const arena = new Arena([...tensors].map(([name, { shape }]) => ({ name, shape })), 1);
  for (const [name, { data }] of tensors) arena.view(name).set(data as Float32Array);
  const given = readSafetensors(await Deno.readFile(`${folder}/${name}.safetensors`)).tensors;
  const patches = gatherPatches(given.get("images")!.data as Float32Array, config, allTokens(1, tokenCount(config)));
  const { outputs } = await runOnce(compiled, tokensProgram(config, arena), arena, { patches });
  const wanted = given.get("tokens")!;
  const N = tokenCount(config), { embedDim: dim } = config;
  assertEqual(wanted.shape, isSwin(config) ? [1, Math.sqrt(N), Math.sqrt(N), dim] : [1, N + 1, dim], name);
  return { error: relativeNorm(outputs.tokens, wanted.data as Float32Array), heads: config.numHeads };
}

/** Float32 sums over up to 5120 terms in 12 blocks, in another order. */
const TOLERANCE = 1e-5;
const timm = peerPython("timm_checkpoints.py");

Deno.test({
  name: "checkpoints of timm's vision transformers are read with their learned positions, or refused by name",
  ignore: !timm,
  fn: () =>
    inFolder(async (folder) => {
      const models = Object.entries({ ...READ, ...REFUSED }).map(([name, { options = {} }]) => [name, options]);
      await timm!(folder, JSON.stringify(Object.fromEntries(models)));
      let worst = 0;
      for (const [name, { heads, imageSize }] of Object.entries(READ)) {
        const found = await readAndCompute(folder, name, imageSize);
        console.log(`${name}: read, relative error of all tokens ${found.error.toExponential(1)}`);
        assertEqual(found.heads, heads, name);
        assertTrue(found.error <= TOLERANCE, `${name} is off by ${found.error}`);
        worst = Math.max(worst, found.error);
      }
      // A head stands beside: it is not left out unasked.
      const whole = `${folder}/deit_tiny_patch16_224.pth`;
      await assertRejects(() => loadWeights(whole), "it holds head.bias, head.weight, which the encoder does not have");
      for (const [name, { names }] of Object.entries(REFUSED)) {
        for (const encoderOnly of [true, false]) {
          const message = await assertRejects(() => loadWeights(`${folder}/${name}.pth`, { encoderOnly }), names);
          if (encoderOnly) console.log(`${name}: ${message.replace(`${folder}/`, "")}`);
        }
      }
      const count = Object.keys(READ).length, others = Object.keys(REFUSED).length;
      await record("timm-checkpoints", {
        promise: "A checkpoint of timm is read with its learned positions, or refused by the names of its tensors",
        how: `random weights of ${count + others} models made by timm, all tokens after the last norm against timm`,
        count: `${count} read, relative error at most ${
          worst.toExponential(1)
        }, wanted ${TOLERANCE}; ${others} refused`,
      });
    }),
});
