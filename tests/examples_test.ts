import { assertEqual, assertTrue } from "./assert.ts";
import { TINY_CI } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** Runs an example in a folder with the permissions that its head names; it has to succeed. */
async function example(name: string, folder: string, ...args: string[]): Promise<string> {
  const head = /^\/\/ {3}deno run (.*)examples\//m.exec(await Deno.readTextFile(`${ROOT}examples/${name}.ts`))!;
  const rights = head[1].split(" ").filter(Boolean);
  assertTrue(!rights.includes("-A"), `${name} has every permission`);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...rights, `${ROOT}examples/${name}.ts`, ...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  assertEqual([code, code === 0 ? "" : new TextDecoder().decode(stderr)], [0, ""]);
  return new TextDecoder().decode(stdout);
}

Deno.test("examples/schedule.ts prints freezing times and rates without any permission", () =>
  inFolder(async (folder) => {
    const lines = (await example("schedule", folder)).trimEnd().split("\n");
    // 10 + 0.8^3 * 90 epochs; 1.6e-3 / 0.8^3 is 3.125e-3, a little less in floats
    assertEqual(lines[1].split(/\s{2,}/).slice(0, 3), ["patch embedding", "56.08", "3.12e-3"]);
    assertEqual(lines[13].split(/\s{2,}/).slice(0, 3), ["block 12", "never", "1.60e-3"]);
    assertEqual(lines.slice(14).map((line) => line.replace(/ is .*/, "")), [
      "decoder after block 2",
      "decoder after block 4",
      "decoder after block 10",
    ]);
  }));

Deno.test("examples/hog.ts draws a line for each strong bin", () =>
  inFolder(async (folder) => {
    const svg = await example("hog", folder, "", "16");
    assertTrue(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'), svg.slice(0, 80));
    const lines = [...svg.matchAll(/M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)/g)];
    // 4 x 4 cells of 9 bins; a histogram of length 1 has at least one bin of a third
    assertTrue(lines.length >= 16 && lines.length <= 144, `${lines.length} lines`);
  }));

Deno.test("examples/pretrain.ts leaves weights of which examples/features.ts tells features and neighbours", () =>
  inFolder(async (folder) => {
    const trained = await example("pretrain", folder);
    const losses = [...trained.matchAll(/^epoch \d: loss ([\d.]+)$/gm)].map(([, loss]) => Number(loss));
    assertEqual(losses.length, 2);
    assertTrue(losses[1] < losses[0], `losses ${losses}`);
    assertTrue(trained.includes("layer 0 froze at epoch 1.25"), trained); // 8 steps: the first boundary behind 1.10
    assertTrue(/weights\.safetensors: 239 tensors\n$/.test(trained), trained);
    const told = await example("features", folder, "weights.safetensors");
    assertTrue(told.startsWith("localmim: width 24, 12 blocks, 3 heads, 32 pixels in patches of 8"), told);
    assertEqual([...told.matchAll(/^image \d, disc-\w+: (-?\d\.\d{3} ){4}… \(24 numbers\)$/gm)].length, 3);
    const [, top1] = /^k-NN: ([\d.]+) % of 48 images, chance 8\.3 %$/m.exec(told) ?? [];
    assertTrue(Number(top1) >= 0 && Number(top1) <= 100, told);
  }));

Deno.test("examples/experiment.ts trains its own rows, and takes them the second time", () =>
  inFolder(async (folder) => {
    const set = TINY_CI.slice(2), first = await example("experiment", folder, ...set);
    const rows = first.trimEnd().split("\n").map((line) => line.split(/\s{2,}/)[0].trim());
    assertEqual(rows.map((row) => row.replace(/ \d+ layers frozen$/, "")), ["nothing freezes", "t0 = 0.8", "t0 = 0.5"]);
    assertTrue(first.includes("nothing freezes  0 layers frozen"), first);
    assertTrue(/^t0 = 0\.5 +[1-9]\d* layers frozen/m.test(first), first);
    assertEqual(await example("experiment", folder, ...set), first);
  }));
