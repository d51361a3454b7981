import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { countOf } from "../core/engine/program.ts";
import { initialValues } from "../core/models/init.ts";
import { convNetOf } from "../core/models/convnet/mod.ts";
import { RESNET_PRESETS } from "../core/models/convnet/resnet.ts";
import { moveStatistics } from "../core/models/convnet/statistics.ts";
import { VGG_E } from "../core/models/convnet/vgg.ts";

const cifar = { imageSize: 32, numClasses: 10 };
const wrn = (depth: number, widen: number, numClasses = 10) => ({ name: "wrn", ...cifar, numClasses, depth, widen });
const resnet = (name: keyof typeof RESNET_PRESETS) => ({
  name: "resnet",
  ...cifar,
  numClasses: 1000,
  ...RESNET_PRESETS[name],
});
const densenet = (depth: number, bottleneck = true) => ({ name: "densenet", ...cifar, depth, growth: 12, bottleneck });

// Published counts; torchvision's ResNets have a 7x7 stem, 9,408 weights in place of the 1,728 of CIFAR's 3x3.
const STEM = 9408 - 1728;
const counts: [net: { name: string }, parameters: number, title: string, layers: number][] = [
  [wrn(40, 4, 100), 8_972_340, "WRN-40-4, 32 px", 20],
  [wrn(16, 1), 175_066, "WRN-16-1, 32 px", 8],
  [wrn(10, 2, 100), 315_316, "WRN-10-2, 32 px", 5],
  [resnet("resnet18"), 11_689_512 - STEM, "ResNet-18 of widths 64 128 256 512, 32 px", 10],
  [resnet("resnet34"), 21_797_672 - STEM, "ResNet-34 of widths 64 128 256 512, 32 px", 18],
  [resnet("resnet50"), 25_557_032 - STEM, "ResNet-50 of widths 64 128 256 512, 32 px", 18],
  [resnet("wide_resnet50_2"), 68_883_240 - STEM, "ResNet-50-2 of widths 64 128 256 512, 32 px", 18],
  [densenet(100), 769_162, "DenseNet-BC-100, growth 12, 32 px", 52],
];
for (const [named, parameters, title, layers] of counts) {
  Deno.test(`${title} has the published number of parameters, and its layers`, () => {
    const { net, config } = convNetOf(named);
    assertEqual(countOf(net.parameters(config)), parameters);
    assertEqual(net.title(config), title);
    assertEqual([net.layers(config), net.layerNames(config).length], [layers, layers]);
  });
}

Deno.test("layers of a WRN are named as the official modules, and own what these hold", async () => {
  const { net, config } = convNetOf(wrn(10, 1));
  assertEqual(net.layerNames(config), ["conv1", "block1.0", "block2.0", "block3.0", "bn1, fc"]);
  const layerOf = (name: string) => net.layerOf(config, name);
  const names = ["conv1.weight", "block1.0.bn1.bias", "block2.0.convShortcut.weight", "bn1.weight", "fc.bias"];
  assertEqual(names.map(layerOf), [0, 1, 2, 4, 4]);
  await assertRejects(() => layerOf("block1.0.convShortcut.weight"), /no parameter of the net/);
  assertEqual(net.statistics(config).slice(0, 3), [
    { name: "block1.0.bn1", channels: 16, layer: 1 },
    { name: "block1.0.bn2", channels: 16, layer: 1 },
    { name: "block2.0.bn1", channels: 16, layer: 2 },
  ]);
});

Deno.test("VGG has thirteen convolutions before its head, numbered with the pools", () => {
  const { net, config } = convNetOf({ name: "vgg", ...cifar, ...VGG_E });
  const at = [0, 1, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15, 16];
  assertEqual(net.layerNames(config), [...at.map((i) => `features.${i}`), "classifier"]);
  assertEqual(net.title(config), "VGG-16, 32 px");
  assertEqual(net.program(config, 8, 0).inputs.keep.shape, [2, 8, 512]);
});

Deno.test("a training program reads the running statistics of frozen layers alone", () => {
  const { net, config } = convNetOf(wrn(16, 1));
  const read = (firstLive: number) =>
    net.program(config, 4, firstLive).parameters.map(({ name }) => name).filter((name) => name.includes("running"));
  assertEqual(read(1), []);
  const frozen = ["block1.0.bn1", "block1.0.bn2"];
  assertEqual(read(2), frozen.flatMap((name) => [`${name}.running_mean`, `${name}.running_var`]));
  const all = net.inference(config, 4).parameters.filter(({ name }) => name.includes("running"));
  assertEqual(all.length, 2 * net.statistics(config).length);
});

Deno.test("weights start as FreezeOut starts them", () => {
  const { net, config } = convNetOf(wrn(16, 4, 100)), parameters = net.parameters(config);
  const rule = (name: string) => parameters.find((each) => each.name === name)!.init;
  assertEqual(rule("block3.0.conv1.weight"), { kind: "normal", std: Math.sqrt(2 / (9 * 256)) });
  assertEqual(rule("block3.0.convShortcut.weight"), { kind: "normal", std: Math.sqrt(2 / 256) });
  assertEqual(rule("fc.weight"), { kind: "uniform", bound: 1 / 16 });
  assertEqual(rule("fc.bias"), { kind: "constant", value: 0 });
  assertEqual(rule("bn1.weight"), { kind: "constant", value: 1 });
  const values = initialValues(rule("block3.0.conv1.weight"), 128 * 256 * 9, 1, 3);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  // 294,912 draws: the sample's deviation is within 0.13 % of the rule's, one standard error.
  assertAlmostEqual(deviation / Math.sqrt(2 / (9 * 256)), 1, 5e-3);
  const vgg = convNetOf({ name: "vgg", ...cifar, ...VGG_E });
  const head = vgg.net.parameters(vgg.config).find(({ name }) => name === "classifier.4.weight")!;
  assertEqual(head.init, { kind: "normal", std: 0.01 });
});

Deno.test("running statistics move a tenth of the way, in single precision", () => {
  const running = Float32Array.of(0, 1, 10);
  moveStatistics(running, [1, 3, 0]);
  assertEqual([...running], [0.1, 1.2, 9].map(Math.fround));
});

const faults: [config: Record<string, unknown>, message: string][] = [
  [{ depth: 15 }, "Cannot use the net wrn: depth 15: want 6 n + 4 for n blocks a stage, e.g. 16, 28 or 40"],
  [{ depth: 4 }, "Cannot use the net wrn: depth 4: want 6 n + 4 for n blocks a stage, e.g. 16, 28 or 40"],
  [{ widen: 0 }, "Cannot use the net wrn: widen 0: want a number of at least 0.05"],
  [{ imageSize: 30 }, "Cannot use the net wrn: imageSize 30: want a multiple of 4, by which the net reduces it"],
  [{ numClasses: 0 }, "Cannot use the net wrn: numClasses 0: want a whole number of at least 1"],
  [{ width: 2 }, "Cannot use the net wrn: width 2: want no such key"],
  [{ name: "lenet" }, 'Cannot use net "lenet": want one of wrn, resnet, densenet, vgg'],
  [
    { ...resnet("resnet18"), widths: [64] },
    "Cannot use the net resnet: widths [64]: want one for each of the 4 stages in blocks",
  ],
  [
    { ...resnet("resnet18"), baseWidth: 128 },
    "Cannot use the net resnet: baseWidth 128: want 64, which basic blocks have",
  ],
  [
    { ...resnet("resnet50"), imageSize: 36 },
    "Cannot use the net resnet: imageSize 36: want a multiple of 8, by which the net reduces it",
  ],
  [densenet(41), "Cannot use the net densenet: depth 41: want 6 n + 4 for n units a block, e.g. 40 or 100"],
  [
    densenet(41, false),
    "Cannot use the net densenet: depth 41: want 3 n + 4 for n units a block without bottleneck, e.g. 40 or 100",
  ],
  [
    { name: "vgg", ...cifar, layers: ["M", 8], head: 8 },
    'Cannot use the net vgg: layers ["M",8]: want a convolution\'s width first',
  ],
  [
    { name: "vgg", ...cifar, layers: [8, 0], head: 8 },
    "Cannot use the net vgg: layers.1 0: want a whole number of at least 1",
  ],
  [
    { name: "vgg", ...VGG_E, imageSize: 48, numClasses: 10 },
    "Cannot use the net vgg: imageSize 48: want a multiple of 32, by which the net reduces it",
  ],
];
for (const [config, message] of faults) {
  Deno.test(`convNetOf() says: ${message}`, async () => {
    const whole = config.name ? config : { ...wrn(10, 1), ...config };
    await assertRejects(() => convNetOf({ name: "wrn", ...cifar, ...whole } as { name: string }), message);
  });
}

Deno.test("a batch of one image is refused in training, not in inference", async () => {
  const { net, config } = convNetOf(wrn(16, 1));
  const message = "Cannot train WRN-16-1, 32 px on a batch of 1: want at least 2 images, for batch norm";
  await assertRejects(() => net.program(config, 1, 0), message);
  assertTrue(net.inference(config, 1).inputs.images.shape[0] === 1, "a single image");
});
