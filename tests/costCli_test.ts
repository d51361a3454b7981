import { assertEqual, assertTrue } from "./assert.ts";
import { assertRefused, type Ended } from "./commandTools.ts";

/** Runs the cost command with the rights that its task gives it. */
async function cost(...args: string[]): Promise<Ended> {
  const script = new URL("../commands/cost/main.ts", import.meta.url).pathname;
  const rights = ["--allow-read", "--allow-env"], env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...rights, script, ...args],
    env,
  })
    .output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

Deno.test("deno task cost prints settings, a step by part, frozen layers and the run in 100 columns", async () => {
  const { code, out, err } = await cost();
  assertEqual([code, err], [0, ""]);
  const lines = out.trimEnd().split("\n");
  assertTrue(lines.every((line) => line.length <= 100), "wider than 100 columns");
  assertEqual(lines[0], "vit-b16, 224 px; t0 = 0.8, cubic; 100 epochs, 10 of them warm-up, form code");
  assertEqual(
    lines[1],
    "1281167 images, batch 8 x 1, 16014500 steps; backward cut, heads masked, HOG shared, embed visible",
  );
  const words = lines.map((line) => line.trim().split(/\s{2,}/));
  assertEqual(words.filter(([first]) => /^\d+$/.test(first)).map(([frozen, decoders]) => [frozen, decoders]), [
    ...["0", "1", "2"].map((frozen) => [frozen, "4"]),
    ...["3", "4"].map((frozen) => [frozen, "3"]),
    ...["5", "6", "7", "8", "9", "10"].map((frozen) => [frozen, "2"]),
    ...["11", "12"].map((frozen) => [frozen, "1"]),
  ]);
  assertEqual(words.at(-1)?.[1], "15.2 %");
});

Deno.test("deno task cost --device v100 takes the released program's choices; --t0 1 has nothing to save", async () => {
  const { out } = await cost("--device", "v100", "--t0", "1", "--epochs", "5");
  assertTrue(out.includes("batch 256 x 8, 3125 steps; backward live, heads all, HOG perScale, embed all"), out);
  assertTrue(out.includes("no freezing; 5 epochs, no warm-up"), out);
  assertTrue(!out.includes("saved") && out.includes("without freezing"), out);
});

Deno.test("deno task cost --json prints one object whose parts make up the step", async () => {
  const { code, out } = await cost(
    "--json",
    "--model",
    "vit-ti16",
    "--batch",
    "64",
    "--images",
    "6400",
    "--backward",
    "live",
  );
  assertEqual(code, 0);
  const { request, parts, step, frozenLayers, run } = JSON.parse(out);
  assertEqual([request.model, request.options.backward, request.config.embedDim], ["vit-ti16", "live", 192]);
  assertEqual([run.steps, step.images, frozenLayers.length], [10_000, 64, 13]);
  assertEqual(parts.reduce((sum: number, { flops }: { flops: number }) => sum + flops, 0), step.flops);
  // Nothing is frozen in the baseline, so its operations are the step's times the steps; both are whole numbers.
  assertEqual(run.baseline.flops, run.steps * step.flops);
  assertEqual(run.saving.flops, 1 - run.frozen.flops / run.baseline.flops);
});

Deno.test("deno task cost --nodes adds exchange, efficiency and bytes sent; batch and steps stay a node's and all's", async () => {
  const { code, out, err } = await cost("--nodes", "8");
  assertEqual([code, err], [0, ""]);
  const lines = out.trimEnd().split("\n");
  assertTrue(lines.every((line) => line.length <= 100), "wider than 100 columns");
  // floor(1281167 / 64) = 20018 steps an epoch.
  assertTrue(lines[1].startsWith("1281167 images, batch 8 x 1, 2001800 steps; "), lines[1]);
  assertEqual(lines[4], "8 nodes at 10 Gb/s, 64 images a step; ring all-reduce in buckets of 32 MiB");
  const words = lines.map((line) => line.trim().split(/\s{2,}/));
  assertEqual(words.find(([first]) => first === "frozen layers")?.slice(4), [
    "MB to sum",
    "exchange, s",
    "step, s",
    "efficiency",
  ]);
  const frozen = (layers: number) => words.find(([first]) => first === String(layers))?.slice(4);
  assertEqual([0, 6, 12].map(frozen), [
    ["359.7", "0.5035", "1.5923", "72.0 %"],
    ["206.4", "0.2890", "1.0233", "74.8 %"],
    ["32.3", "0.0453", "0.4395", "89.7 %"],
  ]);
  assertEqual(words.slice(-4), [
    ["the run", "EFLOP a node", "hours", "efficiency", "TB that each node sends"],
    ["without freezing", "0.471", "885.39", "72.0 %", "1259.959"],
    ["freezing, backward cut", "0.400", "729.42", "73.3 %", "984.933"],
    ["saved", "15.2 %", "17.6 %", "21.8 %, 275.026"],
  ]);
});

Deno.test("deno task cost --nodes 1 is the output without --nodes, text and JSON; a faster network changes time alone", async () => {
  assertEqual(await cost("--nodes", "1"), await cost());
  assertEqual(await cost("--nodes", "1", "--json"), await cost("--json"));
  assertTrue(!(await cost("--json")).out.match(/network|parallel|sentBytes|efficiency/), "one node has a network");
  const [ten, hundred] = await Promise.all(["10", "100"].map(async (network) => {
    return JSON.parse((await cost("--nodes", "8", "--network", network, "--json")).out);
  }));
  assertEqual(ten, JSON.parse((await cost("--nodes", "8", "--json")).out), "10 is not the default");
  assertEqual(hundred.request.network, { nodes: 8, gigabitsPerSecond: 100 });
  assertEqual([hundred.step, hundred.run.steps], [ten.step, ten.run.steps]);
  for (const row of ["baseline", "frozen"]) {
    assertEqual(hundred.run[row].sentBytes, ten.run[row].sentBytes, row);
    assertTrue(hundred.run[row].seconds < ten.run[row].seconds, row);
    assertTrue(hundred.run[row].efficiency > ten.run[row].efficiency, row);
  }
  // 2 x 7 / 8 of 359.7 million bytes in every step.
  assertEqual(ten.run.baseline.sentBytes, 2_001_800 * 629_412_980);
  assertEqual(ten.run.savedBytes, ten.run.baseline.sentBytes - ten.run.frozen.sentBytes);
  assertEqual(
    hundred.frozenLayers.map(({ parallel }: { parallel: unknown }) => typeof parallel),
    Array(13).fill("object"),
  );
});

Deno.test("deno task cost --model wrn-16-1 tells what FreezeOut saves, and how the counting of the released code moves it", async () => {
  const { code, out, err } = await cost("--model", "wrn-16-1");
  assertEqual([code, err], [0, ""]);
  const lines = out.trimEnd().split("\n"), words = lines.map((line) => line.trim().split(/\s{2,}/));
  assertEqual(lines.slice(0, 2), [
    "WRN-16-1, 32 px; t0 = 0.8, cubic; 100 epochs",
    "45000 images, batch 50, 90000 steps, 900 an epoch",
  ]);
  // t_0 = .8^3 = .512: the stem trains for 46,080 iterations and, with rate 0, in the one behind them.
  assertEqual(words.find(([first]) => first === "0"), ["0", "conv1", "46081", "51.2 %", "1.000"]);
  // The head alone: the forward pass is a third of a step, and its own gradients are next to nothing.
  assertEqual(words.find(([first]) => first === "7"), ["7", "bn1, fc", "7495", "8.3 %", "0.335"]);
  assertEqual(words.at(-3), ["by multiply-adds", "17.9 %"]);
  const released = JSON.parse((await cost("--model", "wrn-16-1", "--length", "1000", "--json")).out);
  const printed = JSON.parse((await cost("--model", "wrn-16-1", "--json")).out);
  // An epoch counted as 1000 iterations where 900 are run: each layer freezes later by a ninth, some never.
  assertEqual([printed, released].map(({ stretches }) => stretches[0].iterations), [46_081, 51_201]);
  assertTrue(released.saving.counted < printed.saving.counted, "later freezes save no less");
});

Deno.test("deno task cost refuses wrong and idle flags in one line with exit code 1", async () => {
  const wrong: [string[], string][] = [
    [["--model", "resnet51"], "Cannot use --model resnet51: want vit-ti16, vit-s16, vit-b16, wrn-DEPTH-WIDEN, "],
    [["--length", "9"], "Cannot use --length with --model vit-b16: want it with a net"],
    [["--model", "wrn-41-4"], "Cannot use the net wrn: depth 41: want 6 n + 4 for n blocks a stage"],
    [
      ["--model", "wrn-16-1", "--device", "cpu"],
      "Cannot use --device with --model wrn-16-1: it has no effect on a net",
    ],
    [["--model", "wrn-16-1", "--t0", "1", "--power", "3"], "Cannot use --power with --t0 1: nothing freezes"],
    [["--model", "wrn-16-1", "--images", "7"], "Cannot fill a batch of 50 images: the training set has 7"],
    [["--device", "tpu"], "Cannot use --device tpu: want cpu or v100"],
    [["--t0", "0"], "Cannot use --t0 0: want a number above 0 and at most 1"],
    [["--t0", "1", "--power", "3"], "Cannot use --power with --t0 1"],
    [["--t0", "1", "--backward", "live"], "Cannot use --backward with --t0 1"],
    [["--batch", "0"], "Cannot use --batch 0: want a whole number from 1"],
    [["--batch", "1e300"], "Cannot use --batch 1e300"],
    [["--images", "7"], "Cannot fill a batch of 8 images: the training set has 7"],
    [["--epochs", "5"], "Cannot use --warmup 10"],
    [["--heads", "some"], "Cannot use --heads some: want masked or all"],
    [["--hgo", "shared"], "Cannot read the command line: Unknown option '--hgo'"],
    [["--nodes", "0"], "Cannot use --nodes 0: want a whole number from 1"],
    [["--nodes", "1.5"], "Cannot use --nodes 1.5: want a whole number from 1"],
    [["--network", "10"], "Cannot use --network with --nodes 1: nothing is exchanged; want --nodes above 1"],
    [["--nodes", "1", "--network", "x"], "Cannot use --network with --nodes 1"],
    [["--nodes", "2", "--network", "0"], "Cannot use --network 0: want a number from 0.001 to 10^6"],
    [["--nodes", "2", "--network", "fast"], "Cannot use --network fast"],
    [["--nodes", "8", "--images", "63"], "Cannot fill a batch of 64 images: the training set has 63"],
    [["vit-b16"], "unexpected word 'vit-b16'"],
  ];
  for (const [args, message] of wrong) assertRefused(await cost(...args), message);
});
