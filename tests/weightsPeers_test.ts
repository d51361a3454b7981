import { Arena } from "../core/engine/arena.ts";
import { sizeOf } from "../core/engine/program.ts";
import { maskFromNoise } from "../core/masking/randomMask.ts";
import { classifierInference } from "../core/models/classifier.ts";
import { LOCALMIM_VIT_B, type LocalMimConfig } from "../core/methods/localmim/config.ts";
import { tokenCount } from "../core/models/config.ts";
import { initialize } from "../core/models/init.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { gatherPatches } from "../core/models/patches.ts";
import { maskFeeds } from "../core/methods/localmim/feeds.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { allTokens } from "../core/models/patches.ts";
import { type Model, modelOf, modelParameters } from "../training/weights/model.ts";
import { assertEqual, assertTrue, relativeNorm } from "./assert.ts";
import { runWell } from "./commandTools.ts";
import { compiled, normals, runOnce, TINY } from "./engineTools.ts";
import { peerPython } from "./peerPython.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";
import { CLASSIFIER, classifier, localmim, ownFile } from "./weightsTools.ts";

/** Writes a run's file, exports it to timm as a file and as a folder, and gives what timm computes with both. */
async function timmOutputs(folder: string, file: Uint8Array, images: Tensor): Promise<Map<string, Tensor>> {
  await Deno.writeFile(`${folder}/own.safetensors`, file);
  await Deno.writeFile(`${folder}/images.safetensors`, writeSafetensors([["images", images]]));
  const [one, other] = await Promise.all(["timm.safetensors", "timm/"].map(async (to, k) => {
    await runWell("weights:export", folder, "own.safetensors", "--to", to);
    const outputs = `${folder}/outputs${k}.safetensors`;
    await timm!(`${folder}/${to}`, `${folder}/images.safetensors`, outputs);
    return readSafetensors(await Deno.readFile(outputs)).tensors;
  }));
  assertEqual(one, other);
  return one;
}

/** Random weights in an arena: biases and norms too, which start as zeros and ones. */
function randomWeights(model: Model): Arena {
  const parameters = modelParameters(model), arena = new Arena(parameters, 1);
  if (model.kind === "localmim") initialize(arena, localMimParameters(model.config as LocalMimConfig), 3);
  for (const [i, { name, shape }] of parameters.entries()) {
    if (sizeOf(shape) > 1e5) continue;
    normals(sizeOf(shape), 50 + i).forEach((value, k) => arena.view(name)[k] += 0.1 * value);
  }
  return arena;
}

const file = (model: Model, arena: Arena) =>
  ownFile(
    model,
    new Map(
      arena.names().map((name) => [name, { dtype: "F32", shape: arena.shape(name), data: arena.view(name) }] as const),
    ),
  );

const photographs = (batch: number, side: number): Tensor & { data: Float32Array } => {
  const shape = [batch, 3, side, side];
  return { dtype: "F32", shape, data: normals(sizeOf(shape), 9) };
};

/** Float32 sums over up to 3072 terms in 12 blocks, in another order. */
const TIMM_TOLERANCE = 1e-5;
const timm = peerPython("timm_outputs.py");

for (const [name, config] of Object.entries({ "a small model": TINY, "ViT-B/16": LOCALMIM_VIT_B })) {
  Deno.test({
    name: `timm computes from an exported LocalMIM what our encoder computes: ${name}`,
    ignore: !timm,
    async fn() {
      const batch = 2,
        seeing = { ...config, maskRatio: 0 },
        tokens = tokenCount(config),
        images = photographs(batch, config.imageSize);
      const arena = randomWeights({ kind: "localmim", config });
      const masks = Array.from(
        { length: batch },
        () => maskFromNoise(Float32Array.from({ length: tokens }, (_, i) => i), 0),
      );
      const patches = gatherPatches(images.data, config, allTokens(batch, tokens));
      const options = { config: seeing, batch, liveStages: [false, false, false, true], heads: "all" as const };
      const feeds = { ...maskFeeds(seeing, masks), patches }, program = localMimProgram(options);
      const { outputs: { latent3 } } = await runOnce(compiled, program, arena, feeds);
      await inFolder(async (folder) => {
        const outputs = await timmOutputs(folder, file({ kind: "localmim", config }, arena), images);
        const found = outputs.get("tokens")!, off = relativeNorm(found.data as Float32Array, latent3);
        assertEqual(found.shape, [batch, tokens + 1, config.embedDim]);
        console.log(`relative error ${off.toExponential(1)}`);
        assertTrue(off <= TIMM_TOLERANCE, `timm is off by ${off}`);
        await record(`weights-${config.embedDim}`, {
          promise: "Exported weights compute in timm what they compute here",
          how: `${name}, random weights, 2 images, all tokens after the last norm`,
          count: `relative error ${off.toExponential(1)}, wanted ${TIMM_TOLERANCE}`,
        });
      });
    },
  });
}

Deno.test({
  name: "timm computes from an exported classifier what ours computes",
  ignore: !timm,
  async fn() {
    const config = CLASSIFIER, batch = 3, images = photographs(batch, config.imageSize);
    const arena = randomWeights(classifier),
      patches = gatherPatches(images.data, config, allTokens(batch, tokenCount(config)));
    const { outputs: { logits } } = await runOnce(compiled, classifierInference(config, batch), arena, { patches });
    await inFolder(async (folder) => {
      const found = (await timmOutputs(folder, file(classifier, arena), images)).get("logits")!;
      const off = relativeNorm(found.data as Float32Array, logits);
      assertTrue(found.data.length === 15 && off <= TIMM_TOLERANCE, `timm is off by ${off}`);
    });
  },
});

const torch = peerPython("torch_files.py");
Deno.test({
  name: "weights:import takes a checkpoint that torch.save wrote, with its optimiser beside, value by value",
  ignore: !torch,
  async fn() {
    await inFolder(async (folder) => {
      await Deno.writeFile(`${folder}/own.safetensors`, ownFile(localmim));
      await runWell("weights:export", folder, "own.safetensors", "--to", "out.safetensors", "--names", "official");
      await torch!(folder, `${folder}/out.safetensors`);
      const options = ["--heads", "2", "--decoder-heads", "4", "--stage-blocks", "1,2,3,4"];
      const { out } = await runWell("weights:import", folder, "weights.pth", "--to", "back.safetensors", ...options);
      const { metadata, tensors } = readSafetensors(await Deno.readFile(`${folder}/back.safetensors`));
      assertEqual([modelOf(metadata, "back"), tensors], [localmim, readSafetensors(ownFile(localmim)).tensors]);
      assertTrue(out.includes("left out: optimizer, epoch, scaler, args"), out);
    });
  },
});
