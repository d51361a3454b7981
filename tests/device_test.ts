import { asksForDevices, deviceFlag, deviceList } from "../cli/device.ts";
import { assertIdle, inTurn } from "../core/engine/ort/turn.ts";
import { deviceError } from "../core/engine/ort/device.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

Deno.test("deviceFlag() takes the names of devices, and names them where it does not", async () => {
  assertEqual([undefined, "cpu", "webgpu"].map(deviceFlag), ["cpu", "cpu", "webgpu"]);
  for (const name of ["gpu", "cuda:0", "", "CPU"]) {
    await assertRejects(
      () => new Promise((done) => done(deviceFlag(name))),
      `Cannot use --device ${name}: want cpu or webgpu`,
    );
  }
});

Deno.test("asksForDevices() is for --device with nothing behind it, and for the word list", () => {
  const asking = [["--device"], ["x", "--device", "--json"], ["--device", "list"], ["x", "--device=list"]];
  const others = [[], ["x"], ["x", "--device", "webgpu"], ["--device=cpu"], ["list"]];
  assertEqual([asking, others].map((all) => all.map(asksForDevices)), [
    [true, true, true, true],
    others.map(() => false),
  ]);
});

Deno.test("deviceList() has a line for each device, the CPU with its cores, others with a name or a reason", () => {
  const lines = deviceList().split("\n");
  assertEqual(lines.length, 2);
  assertTrue(/^cpu +ONNX Runtime \d+\.\d+\.\d+, cores: \d+$/.test(lines[0]), lines[0]);
  assertTrue(/^webgpu +(ONNX Runtime .+|not there: no adapter was found; want .+)$/.test(lines[1]), lines[1]);
});

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

Deno.test("deviceError() says in a line what a person can do, and leaves other errors as they are", () => {
  const said = (message: string) => (deviceError(new Error(message)) as Error).message;
  assertEqual(
    said("WebGPU validation failed. Buffer size (1200000000) exceeds the max buffer size limit (1073741824)."),
    "Cannot use --device webgpu: a buffer of 1200000000 bytes is wanted, it takes 1073741824; want a smaller batch or model, or --device cpu",
  );
  assertEqual(
    said("ONNX Runtime RunWithBinding: WebGPU device lost (2): vk::Queue"),
    "Cannot go on with --device webgpu: device lost; the last checkpoint is whole, the same command goes on from it",
  );
  assertTrue(
    said("Failed to get a WebGPU adapter: No supported adapters").startsWith("Cannot use --device webgpu: no adapter"),
    "",
  );
  const other = new Error("anything else");
  assertEqual(deviceError(other) === other, true);
});
