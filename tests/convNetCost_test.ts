import { layerMultiplyAdds, netSpans, predictSaving, stepWork, wholeWork } from "../core/cost/convNet.ts";
import { convNetOf } from "../core/models/convnet/mod.ts";
import { RESNET_PRESETS } from "../core/models/convnet/resnet.ts";
import { VGG_E } from "../core/models/convnet/vgg.ts";
import type { FreezeOutSchedule } from "../core/schedules/freezeOut.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";

const cifar = { imageSize: 32, numClasses: 10 };
const wrn = (depth: number, widen: number) => convNetOf({ name: "wrn", ...cifar, numClasses: 100, depth, widen });
const resnet18 = convNetOf({ name: "resnet", ...cifar, ...RESNET_PRESETS.resnet18 });
const vgg16 = convNetOf({ name: "vgg", ...cifar, ...VGG_E });

/** Cubic, t0 .8, 100 epochs of 900 iterations. */
const schedule = (layers: number, lengthPerEpoch: number): FreezeOutSchedule => ({
  layers,
  t0: 0.8,
  power: 3,
  scaled: true,
  baseLr: 0.1,
  epochs: 100,
  iterationsPerEpoch: 900,
  lengthPerEpoch,
});

// Percent, calculated elsewhere and printed to a tenth: backward as much as forward, and twice as much.
const savings: [depth: number, widen: number, length: number, counted: number, doubled: number][] = [
  [40, 4, 900, 12.9, 17.3],
  [40, 4, 1000, 9.2, 12.3],
  [16, 1, 900, 13.5, 18.0],
  [16, 1, 1000, 9.6, 12.9],
];
for (const [depth, widen, length, counted, doubled] of savings) {
  Deno.test(`FreezeOut saves ${counted} % of WRN-${depth}-${widen} by its own count, epochs counted as ${length}`, () => {
    const { net, config } = wrn(depth, widen),
      saving = predictSaving(net, config, schedule(net.layers(config), length));
    assertAlmostEqual(100 * saving.counted, counted, 0.051, "counted");
    assertAlmostEqual(100 * saving.doubled, doubled, 0.051, "doubled");
    // The stem's input, the image, needs no gradient: 442,368 of 26.7 million in WRN-16-1.
    assertAlmostEqual(100 * saving.multiplyAdds, 100 * saving.doubled, 0.2, "multiply-adds");
  });
}

Deno.test("multiply-adds are the published ones of CIFAR's ResNet-18 and VGG-16", () => {
  const total = ({ net, config }: typeof vgg16) => layerMultiplyAdds(net, config).reduce((sum, each) => sum + each, 0);
  // 0.56 and 0.31 10^9 in the literature, which rounds, and counts norms or does not.
  assertAlmostEqual(total(resnet18) / 1e9, 0.556, 0.002);
  assertAlmostEqual(total(vgg16) / 1e9, 0.314, 0.002);
});

Deno.test("a frozen layer has a forward pass only, and the first live one no gradient of its entry's input", () => {
  const { net, config } = convNetOf({ name: "vgg", ...cifar, layers: [4, "M", 8, "M", "M"], head: 6 });
  const first = 3 * 4 * 9 * 32 ** 2, second = 4 * 8 * 9 * 16 ** 2, head = [8 * 4 ** 2 * 6, 6 * 6, 6 * 10];
  assertEqual(layerMultiplyAdds(net, config), [first, second, head[0] + head[1] + head[2]]);
  const forward = first + second + head[0] + head[1] + head[2];
  assertEqual(stepWork(net, config, 0), { forward, weightGradient: forward, inputGradient: forward - first });
  assertEqual(stepWork(net, config, 1), {
    forward,
    weightGradient: forward - first,
    inputGradient: head[0] + head[1] + head[2],
  });
  assertEqual(stepWork(net, config, 2), {
    forward,
    weightGradient: head[0] + head[1] + head[2],
    inputGradient: head[1] + head[2],
  });
});

Deno.test("only convolutions with nothing trained before them in their layer are its entry", () => {
  const entries = ({ net, config }: typeof vgg16, layer: number) =>
    net.parts(config)[layer].filter((part) => "entry" in part).map(({ name }) => name);
  assertEqual(entries(wrn(16, 4), 0), ["conv1"]);
  assertEqual(entries(wrn(16, 4), 1), []);
  assertEqual(entries(resnet18, 1), ["layer1.0.conv1"]);
  assertEqual(entries(resnet18, 3), ["layer2.0.conv1", "layer2.0.downsample.0"]);
  assertEqual(entries(resnet18, 9), ["fc"]);
  assertEqual(entries(vgg16, 13), ["classifier.0"]);
});

Deno.test("the stretches of a schedule make up the run, and each costs less than the one before", () => {
  const { net, config } = wrn(40, 4), spans = netSpans(schedule(20, 900));
  assertEqual(spans.reduce((sum, { iterations }) => sum + iterations, 0), 90_000);
  assertEqual(spans.map(({ firstLive }) => firstLive), Array.from({ length: 20 }, (_, layer) => layer));
  assertEqual(spans[0].iterations, 46_080 + 1);
  const costs = spans.map(({ firstLive }) => wholeWork(stepWork(net, config, firstLive)));
  assertTrue(costs.every((cost, k) => k === 0 || cost < costs[k - 1]), `${costs}`);
  assertEqual(netSpans({ ...schedule(20, 900), t0: 1 }), [{ firstLive: 0, iterations: 90_000 }]);
});
