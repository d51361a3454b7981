import { assertEqual, assertTrue } from "./assert.ts";

/** Runs the schedule command as a person would, and returns its exit code and what it printed. */
async function schedule(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = new URL("../commands/schedule/main.ts", import.meta.url).pathname;
  const output = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, ...args] }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}

Deno.test("deno task schedule prints the default schedule as aligned tables", async () => {
  const { code, stdout, stderr } = await schedule();
  assertEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assertEqual(lines[0], "13 layers, t0 = 0.8, cubic, scaled; 100 epochs, 10 of them warm-up, form code");
  assertEqual(lines[3], "    0  patch embedding      1  0.800000  0.512000     1.9531      1.9531         56.08");
  assertEqual(lines[15], "   12  block 12             4  1.000000  1.000000     1.0000      1.0000         never");
  assertTrue(lines.slice(2, 16).every((line) => line.length === lines[2].length), "columns are not aligned");
  assertEqual(lines.slice(18).map((line) => line.trim().split(/\s{2,}/)), [
    ["1", "block 2", "62.08"],
    ["2", "block 4", "68.59"],
    ["3", "block 10", "91.30"],
    ["4", "block 12", "never"],
  ]);
});

Deno.test("deno task schedule --json prints one object with settings, layers and stages", async () => {
  const flags = ["--sr-lr", "0.8", "--form", "paper", "--base-lr", "1e-4", "--layers", "25", "--power", "1"];
  const { code, stdout } = await schedule("--json", ...flags);
  assertEqual(code, 0);
  const { settings, layers, stages } = JSON.parse(stdout);
  assertEqual(settings, {
    layers: 25,
    stageBlocks: [2, 4, 22, 24],
    t0: 0.8,
    power: 1,
    scaled: true,
    srLr: 0.8,
    baseLr: 1e-4,
    epochs: 100,
    warmupEpochs: 10,
    form: "paper",
  });
  assertEqual(layers.length, 25);
  assertEqual(layers[0].factor.toFixed(4), (1.25 * 0.25 ** 0.8).toFixed(4));
  assertEqual(stages.map((stage: { endEpoch: number | null }) => stage.endEpoch?.toFixed(2) ?? null), [
    "81.67",
    "83.33",
    "98.33",
    null,
  ]);
});

Deno.test("deno task schedule refuses wrong and idle flags in one line with exit code 1", async () => {
  const wrong: [string[], string][] = [
    [["--t0", "0"], "error: Cannot use --t0 0: want a number above 0 and at most 1"],
    [["--t0", "1.5"], "error: Cannot use --t0 1.5: want a number above 0 and at most 1"],
    [["--cubic"], "error: Cannot read the command line: Unknown option '--cubic'"],
    [["--lr-lr", "0.5", "--unscaled"], "error: Cannot use --lr-lr with --unscaled"],
    [["--t0", "1", "--sr-lr", "0.8"], "error: Cannot use --sr-lr with --t0 1: nothing freezes"],
    [["--stages", "2,4"], "error: Cannot use stageBlocks [2,4] in a schedule"],
    [["--warmup", "100"], "error: Cannot use warmupEpochs 100 in a schedule: want fewer than the run's 100 epochs"],
  ];
  for (const [flags, message] of wrong) {
    const { code, stdout, stderr } = await schedule(...flags);
    assertEqual([code, stdout, stderr.trimEnd().split("\n").length], [1, "", 1]);
    assertTrue(stderr.startsWith(message), `'${stderr}' does not start with '${message}'`);
  }
});

Deno.test("deno task schedule --svg writes the curves", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stdout } = await schedule("--unscaled", "--stages", "6,12", "--svg", `${folder}/new/curves.svg`);
    assertEqual([code, stdout.includes("t0 = 0.8, cubic, unscaled")], [0, true]);
    const svg = await Deno.readTextFile(`${folder}/new/curves.svg`);
    assertTrue(svg.includes("Learning rate of each layer: t0 = 0.8, cubic, unscaled"), svg.slice(0, 200));
    assertEqual(svg.trimEnd().endsWith("</svg>"), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
