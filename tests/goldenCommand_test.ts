import { assertEqual, assertTrue } from "./assert.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";

const embedding: Record<string, Tensor> = {
  d4_g1: { dtype: "F32", shape: [2, 4], data: Float32Array.of(0, 0, 0, 0, 0, 1, 0, 1) },
};
const command = new URL("../commands/golden/main.ts", import.meta.url).pathname;

/** Runs `deno task golden` on bytes in a file. */
async function runGolden(bytes: Uint8Array, ...flags: string[]): Promise<{ code: number; out: string; err: string }> {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(path, bytes);
    const args = ["run", "--allow-read", command, path, ...flags];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    const text = (output: Uint8Array) => new TextDecoder().decode(output).replaceAll(path, "FILE");
    return { code, out: text(stdout), err: text(stderr) };
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("deno task golden prints error, tolerance and verdict", async () => {
  const bytes = writeSafetensors(Object.entries(embedding), { kind: "pos-embed" });
  const { code, out } = await runGolden(bytes);
  assertEqual(code, 0);
  assertTrue(/^FILE \(pos-embed\)\n {2}pass {2}d4_g1 +0\.00 \(at most 0\.000001\)\n$/.test(out), out);
});

Deno.test("deno task golden ends with code 1 on a corrupted value", async () => {
  const bytes = writeSafetensors(Object.entries(embedding), { kind: "pos-embed" });
  // The last byte of the last float32, 1.0, becomes that of -1.0.
  bytes[bytes.length - 1] ^= 0x80;
  const { code, out, err } = await runGolden(bytes, "--json");
  assertEqual([code, err], [1, ""]);
  assertEqual(JSON.parse(out), [{
    file: "FILE",
    kind: "pos-embed",
    quantities: [{ name: "d4_g1", error: 2, tolerance: 1e-6, ok: false }],
  }]);
});

Deno.test("deno task golden says in one line where a file is cut short", async () => {
  const bytes = writeSafetensors(Object.entries(embedding), { kind: "pos-embed" });
  const { code, err } = await runGolden(bytes.subarray(0, bytes.length - 1));
  const wanted = `tensor 'd4_g1' ends at byte ${bytes.length}, file has ${bytes.length - 1}`;
  assertEqual([code, err], [1, `error: Cannot read FILE: ${wanted}\n`]);
});
