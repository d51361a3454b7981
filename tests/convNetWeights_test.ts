import fc from "fast-check";
import { type ParameterSpec, sizeOf } from "../core/engine/program.ts";
import { convNetOf } from "../core/models/convnet/mod.ts";
import { RESNET_PRESETS } from "../core/models/convnet/resnet.ts";
import { VGG_E } from "../core/models/convnet/vgg.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import { inferModel } from "../training/weights/inferModel.ts";
import { loadWeights } from "../training/weights/load.ts";
import { matchModel } from "../training/weights/matchModel.ts";
import { checkModel, type Model, modelOf, modelParameters, modelText } from "../training/weights/model.ts";
import type { StoredTensor } from "../training/weights/tensors.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, run, runWell } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

const wrn = (depth: number, numClasses = 10): Model => ({
  kind: "wrn",
  config: { imageSize: 32, numClasses, depth, widen: 0.25 },
});

/** A state dict as newer PyTorch writes it: with the counts of batches. */
function dictOf(model: Model): Map<string, StoredTensor> {
  const stored = ({ name, shape }: ParameterSpec) =>
    [name, { dtype: "F32", shape, read: () => new Float32Array(sizeOf(shape)) } satisfies StoredTensor] as const;
  const specs = modelParameters(model), norms = specs.filter(({ name }) => name.endsWith(".running_mean"));
  const counts = norms.map(({ name }) => {
    const count = { dtype: "I64", shape: [], read: () => BigInt64Array.of(7n) } satisfies StoredTensor;
    return [name.replace("running_mean", "num_batches_tracked"), count] as const;
  });
  return new Map<string, StoredTensor>([...specs.map(stored), ...counts]);
}

Deno.test("loadWeights() takes the state dict of a net that torch.save wrote, running statistics and all", async () => {
  const folder = new URL("fixtures/torch/", import.meta.url).pathname;
  const { model, tensors, notes, assumed, leftOut } = await loadWeights(`${folder}convnet.pth`);
  const config = { imageSize: 32, numClasses: 3, depth: 7, growth: 2, bottleneck: false };
  assertEqual(model, { kind: "densenet", config });
  assertEqual([notes, assumed, leftOut], [["taken off names: module."], ["--image-size 32"], 6]);
  const wanted = readSafetensors(await Deno.readFile(`${folder}convnet.safetensors`)).tensors;
  assertEqual(tensors.size, wanted.size - 6);
  for (const [name, { data, shape }] of tensors) {
    assertEqual([shape, data], [wanted.get(`module.${name}`)!.shape, wanted.get(`module.${name}`)!.data], name);
  }
  assertTrue(tensors.has("trans1.bn1.running_var"), "no running statistics");
});

Deno.test("weights:import and weights:export keep a net's every value under its official names", async () => {
  await inFolder(async (folder) => {
    await Deno.copyFile(new URL("fixtures/torch/convnet.pth", import.meta.url), `${folder}/net.pth`);
    const { out } = await runWell("weights:import", folder, "net.pth", "--to", "own.safetensors");
    assertTrue(out.includes("densenet: DenseNet-7, growth 2, 32 px, 3 classes"), out);
    assertRefused(
      await run("weights:export", folder, "own.safetensors", "--to", "timm.safetensors"),
      "Cannot export own.safetensors to timm: it is a densenet under FreezeOut's names, want --names official",
    );
    await runWell("weights:export", folder, "own.safetensors", "--to", "out.safetensors", "--names", "official");
    const [own, given] = await Promise.all(["own", "out"].map(async (name) => {
      return readSafetensors(await Deno.readFile(`${folder}/${name}.safetensors`));
    }));
    assertEqual(given.tensors, own.tensors);
    assertEqual(modelOf(given.metadata, "out"), modelOf(own.metadata, "own"));
    assertRefused(
      await run("weights:import", folder, "net.pth", "--to", "x.safetensors", "--encoder-only"),
      "Cannot take the encoder of a densenet: it has none, want the weights of a ViT",
    );
    assertRefused(
      await run("weights:import", folder, "net.pth", "--to", "x.safetensors", "--heads", "2"),
      "Cannot use --heads: net.pth holds a convolutional net, want the flag left away",
    );
  });
});

const size = { imageSize: fc.constantFrom(32, 64), numClasses: fc.integer({ min: 1, max: 12 }) };
const width = fc.integer({ min: 1, max: 9 }), count = fc.integer({ min: 1, max: 3 });
const nets = fc.oneof(
  fc.record({ ...size, depth: fc.constantFrom(10, 16, 28), widen: fc.integer({ min: 4, max: 20 }).map((w) => w / 64) })
    .map((config) => ({ kind: "wrn", config: { ...config } })),
  fc.record({ ...size, depth: fc.constantFrom(10, 16), growth: width, bottleneck: fc.boolean() })
    .map((config) => ({ kind: "densenet", config: { ...config } })),
  fc.record({ ...size, blocks: fc.array(count, { minLength: 3, maxLength: 3 }), widths: fc.tuple(width, width, width) })
    .map((shape) => ({ kind: "resnet", config: { ...shape, block: "basic", stem: 5, baseWidth: 64 } })),
  fc.record({ ...size, blocks: fc.tuple(count, count), widths: fc.tuple(width, width), factor: fc.constantFrom(1, 2) })
    .map(({ factor, ...shape }) => ({
      kind: "resnet",
      config: { ...shape, block: "bottleneck", stem: 3, baseWidth: 64 * factor },
    })),
  fc.record({ ...size, layers: fc.array(fc.oneof(width, fc.constant("M" as const)), { maxLength: 6 }), head: width })
    .filter(({ layers }) => layers.filter((each) => each === "M").length < 5)
    .map(({ layers, ...shape }) => ({ kind: "vgg", config: { ...shape, layers: [4, ...layers] } })),
);

Deno.test("inferModel() tells every net by the names and shapes of its state dict", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(nets, (model) => {
      kinds.add(model.kind);
      const dict = dictOf(checkModel(model.kind, model.config, "a"));
      const { imageSize } = model.config;
      assertEqual(inferModel(dict, { imageSize }, "a", false), { model, assumed: [] });
      assertEqual(matchModel(dict, model, "a").size, modelParameters(model).length);
    }),
    { numRuns: 60 },
  );
  assertEqual(kinds.size, 4);
});

Deno.test("published nets are told by their shapes", () => {
  const cifar = { imageSize: 32, numClasses: 100 };
  for (
    const [kind, own] of [
      ["wrn", { depth: 40, widen: 4 }],
      ["resnet", RESNET_PRESETS.wide_resnet50_2],
      ["vgg", VGG_E],
    ] as const
  ) {
    const { net, config } = convNetOf({ name: kind, ...cifar, ...own }), model = { kind, config: config as object };
    const { assumed, model: found } = inferModel(dictOf(model), {}, "a", false);
    assertEqual([found, assumed], [model, ["--image-size 32"]]);
    assertEqual(modelText(found), `${kind}: ${net.title(config)}, 100 classes`);
    assertEqual(modelOf(weightsMetadata(model), "a"), model);
  }
});

Deno.test("a state dict of another depth is refused with the first names missing and too much", async () => {
  const wanted = "Cannot read a: it lacks block1.1.bn1.weight, block1.1.bn1.bias, block1.1.conv1.weight, " +
    "block1.1.bn2.weight, block1.1.bn2.bias and 25 more of the wrn";
  await assertRejects(() => matchModel(dictOf(wrn(10)), wrn(16), "a"), wanted);
  await assertRejects(
    () => matchModel(dictOf(wrn(16)), wrn(10), "a"),
    "Cannot read a: it holds block1.1.bn1.bias, block1.1.bn1.running_mean, block1.1.bn1.running_var, " +
      "block1.1.bn1.weight, block1.1.bn2.bias and 25 more, which the wrn does not have; want no others",
  );
  const densenet: Model = {
    kind: "densenet",
    config: { imageSize: 32, numClasses: 10, depth: 10, growth: 2, bottleneck: true },
  };
  await assertRejects(
    () => matchModel(dictOf(densenet), wrn(10), "a"),
    /it lacks block1\.0\.bn1\.weight.* of the wrn, and holds dense1\.0\.bn1\.bias.*, which that does not have$/,
  );
});

Deno.test("a head of another number of classes is refused", async () => {
  await assertRejects(
    () => matchModel(dictOf(wrn(10, 100)), wrn(10), "a"),
    "Cannot read a: tensor 'fc.weight' is [100, 16], want [10, 16]",
  );
});

Deno.test("a ResNet whose stem is that of ImageNet is refused", async () => {
  const { config } = convNetOf({ name: "resnet", imageSize: 32, numClasses: 10, ...RESNET_PRESETS.resnet18 });
  const dict = dictOf({ kind: "resnet", config: config as object }), stem = dict.get("conv1.weight")!;
  dict.set("conv1.weight", { ...stem, shape: [64, 3, 7, 7] });
  const { model } = inferModel(dict, {}, "a", false);
  const wanted = "tensor 'conv1.weight' is [64, 3, 7, 7], want [64, 3, 3, 3]";
  await assertRejects(() => matchModel(dict, model, "a"), wanted);
});
