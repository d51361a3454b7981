import { deviceChoice } from "../cli/device.ts";
import { libraryPath } from "../core/engine/ort/api.ts";
import { cardError } from "../core/engine/ort/card.ts";
import { ended, spawn } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { assertIdle, inTurn } from "../core/engine/ort/turn.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

Deno.test("deviceChoice() takes the names of devices and cards, and refuses others and flags without effect", async () => {
  const plain = { index: 0, tf32: false };
  assertEqual(deviceChoice({}), { device: "cpu", ...plain });
  assertEqual(deviceChoice({ device: "webgpu" }), { device: "webgpu", ...plain });
  assertEqual(deviceChoice({ device: "cuda:3", ort: "x", tf32: true }), {
    device: "cuda",
    index: 3,
    ort: "x",
    tf32: true,
  });
  const refused = (values: Record<string, unknown>, message: string) =>
    assertRejects(() => new Promise((done) => done(deviceChoice(values))), message);
  for (const device of ["gpu", "cuda:", "cuda:x", "webgpu:1", "cpu:0", "", "CPU"]) {
    await refused({ device }, `Cannot use --device ${device}: want cpu, webgpu, cuda or cuda:N`);
  }
  await refused({ ort: "x" }, "Cannot use --ort: it has no effect with --device cpu");
  await refused({ device: "webgpu", tf32: true }, "Cannot use --tf32: it has no effect with --device webgpu");
});

/** What a command says of devices, or of what it cannot use. */
async function said(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string[]; err: string }> {
  const { out, ...rest } = await ended(spawn("golden", ".", args, { ORT_LIBRARY: "", ...env }));
  return { ...rest, out: out.trim().split("\n") };
}

Deno.test("--device alone has a line for each device: the CPU with its cores, others with a name or what they lack", async () => {
  const { code, out, err } = await said(["--device"]);
  assertEqual([code, out.length, err], [0, 3, ""]);
  const asked = await Promise.all(
    [["--device", "list"], ["x", "--device", "--json"], ["--device=list"]].map((args) => said(args)),
  );
  assertEqual(asked.map((each) => [each.code, each.out]), asked.map(() => [0, out]));
  const odd = await said(["--device", "list", "--nothing"]);
  assertEqual([odd.code, odd.err.includes("Unknown option '--nothing'")], [1, true]);
  assertTrue(/^cpu +ONNX Runtime \d+\.\d+\.\d+, cores: \d+$/.test(out[0]), out[0]);
  assertTrue(/^webgpu +(ONNX Runtime .+|not there: no adapter was found; want .+)$/.test(out[1]), out[1]);
  // The npm package's library knows CUDA, and has not got it.
  assertTrue(
    /^cuda +not there: ONNX Runtime .+ (has no libonnxruntime_providers|was built without it)/.test(out[2]),
    out[2],
  );
});

Deno.test("a library for CUDA is looked for where it is said to be, and used as it is", () =>
  inFolder(async (folder) => {
    const missing = await said(["x.safetensors", "--device", "cuda", "--ort", folder]);
    assertEqual([missing.code, missing.err.trim()], [
      1,
      `error: Cannot use --ort ${folder}: found no library of ONNX Runtime there, want its path or its folder`,
    ]);
    // Any library of the right version serves the CPU; the Python package keeps it in capi/ with its version in its name.
    await Deno.mkdir(`${folder}/capi`);
    await Deno.symlink(libraryPath(), `${folder}/capi/libonnxruntime.so.1.30.0`);
    const wrong = await said(["--device", "list"], { ORT_LIBRARY: "/nowhere" });
    assertEqual([wrong.code, wrong.err.includes("Cannot use ORT_LIBRARY /nowhere: found no library")], [1, true]);
    const flagged = await said(["--device", "list", "--ort", folder], { ORT_LIBRARY: "/nowhere" });
    const { code, out } = await said(["--device", "list"], { ORT_LIBRARY: folder });
    assertEqual([flagged.code, flagged.out], [0, out], "the flag overrules the variable");
    assertEqual(code, 0);
    assertTrue(out[2].includes(`in ${folder}/capi`), out[2]);
  }));

Deno.test("inTurn() lets one piece of work begin when the one before is done, whether or not that failed", async () => {
  const said: string[] = [], first = Promise.withResolvers<void>(), second = Promise.withResolvers<void>();
  const work = (name: string, until: Promise<void>) =>
    inTurn(() => said.push(`before ${name}`), () => (said.push(name), until));
  const all = [work("a", first.promise), work("b", second.promise), work("c", Promise.resolve())];
  await Promise.resolve();
  assertEqual(said, ["before a", "a"]);
  await assertRejects(() => new Promise((done) => done(assertIdle())), "Cannot use the device: a step is under way");
  first.reject(new Error("lost"));
  await assertRejects(() => all[0], "lost");
  second.resolve();
  await Promise.all(all.slice(1));
  assertEqual(said, ["before a", "a", "before b", "b", "before c", "c"]);
  assertIdle();
});

Deno.test("cardError() says in a line what a person can do, and leaves other errors as they are", () => {
  const said = (message: string) => (cardError(new Error(message)) as Error).message;
  assertEqual(
    said("WebGPU validation failed. Buffer size (1200000000) exceeds the max buffer size limit (1073741824)."),
    "Cannot use --device webgpu: a buffer of 1200000000 bytes is wanted, it takes 1073741824; want a smaller batch or model, or --device cpu",
  );
  assertEqual(
    said("ONNX Runtime RunWithBinding: WebGPU device lost (2): vk::Queue"),
    "Cannot go on with --device webgpu: device lost; the same command goes on from the last checkpoint, if there is one",
  );
  assertTrue(
    said("Failed to get a WebGPU adapter: No supported adapters").startsWith("Cannot use --device webgpu: no adapter"),
    "",
  );
  assertEqual(
    said("Failed to allocate memory for requested buffer of size 99"),
    "Cannot use --device webgpu: its memory does not do; want a smaller batch or model, --accum, or --device cpu",
  );
  const other = new Error("anything else");
  assertEqual(cardError(other) === other, true);
});
