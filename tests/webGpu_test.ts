// Steps on WebGPU: on a software Vulkan, which Debian's Chromium brings.

import { isWrongOnWebGpu } from "../core/engine/lower/webGpu.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { inFolder } from "./reportTools.ts";

const CHROMIUM = "/usr/lib/chromium", DRIVER = `${CHROMIUM}/vk_swiftshader_icd.json`;
const hasVulkan = await Deno.stat(DRIVER).then(() => true, () => false);
if (!hasVulkan) console.log(`skipped: no ${DRIVER}, a software Vulkan`);

interface Difference {
  losses: number;
  state: Record<string, number>;
}

/** Runs a probe, with a Vulkan's loader and driver, or without. */
async function probe(
  env: Record<string, string>,
  name = "webGpuProbe",
): Promise<{ code: number; out: string; err: string }> {
  const path = new URL(`./${name}.ts`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", path],
    env: { NO_COLOR: "1", ...env },
  })
    .output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

Deno.test({
  name:
    "steps on WebGPU give what the CPU gives, with no node left to the CPU; what has no kernel, or a wrong one, is refused by name",
  ignore: !hasVulkan,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.symlink(`${CHROMIUM}/libvulkan.so.1`, `${folder}/libvulkan.so.1`);
      const { code, out, err } = await probe({ LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: DRIVER });
      assertEqual(code, 0, err);
      const { localmim, simmim, net, wrong, fused } = JSON.parse(out);
      for (
        const [name, { error, compared }] of Object.entries({ localmim, simmim, net }) as [
          string,
          { error: number; compared: number },
        ][]
      ) {
        assertTrue(compared > 20, `${name}: ${compared} tensors were compared`);
        // float32 sums in another order; a net's pass through several batch norms, whose small variances are divided by.
        assertTrue(error <= 1e-5, `${name} is off by ${error}`);
      }
      assertTrue(
        wrong.includes("UserError: Cannot use --device webgpu with a convolution of 6 images at a time"),
        wrong,
      );
      assertTrue(
        /UserError: Cannot use --device webgpu: it has no kernel for FusedMatMul \(\d+ nodes\)/.test(fused),
        fused,
      );
    }),
});

Deno.test({
  name: "training on WebGPU is that of the CPU: freezing, micro-batches, ranks, AdamW and SGD; and resumes bit for bit",
  ignore: !hasVulkan,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.symlink(`${CHROMIUM}/libvulkan.so.1`, `${folder}/libvulkan.so.1`);
      const { code, out, err } = await probe({ LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: DRIVER }, "webGpuTrainProbe");
      assertEqual(code, 0, err);
      const { adapter, freezing, ranks, sgd, resumed } = JSON.parse(out);
      assertTrue(adapter.startsWith("SwiftShader"), adapter);
      assertEqual([freezing.events >= 3, freezing.sameEvents, ranks.sameEvents, resumed], [true, true, true, 2]);
      for (const [name, { losses, state }] of Object.entries({ freezing, ranks, sgd }) as [string, Difference][]) {
        // float32 in another order, over six steps: seen 3e-7 and 2e-6.
        assertTrue(losses <= 1e-6, `${name}: a loss is off by ${losses}`);
        for (const [region, error] of Object.entries(state)) {
          assertTrue(error <= 1e-5, `${name}: ${region} is off by ${error}`);
        }
      }
    }),
});

Deno.test({
  name: "WebGPU without a Vulkan driver is refused in one line",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { code, err } = await probe({
      VK_ICD_FILENAMES: "/nowhere.json",
      VK_DRIVER_FILES: "/nowhere.json",
      LD_LIBRARY_PATH: "/nowhere",
    });
    assertEqual(code, 1);
    assertTrue(
      err.includes("Cannot use --device webgpu: no adapter was found; want a graphics driver with Vulkan"),
      err,
    );
  },
});

Deno.test("isWrongOnWebGpu() names the channels that were seen to come out wrong, and none that came out right", () => {
  const wrong = [6, 9, 15, 18, 21, 27, 30, 33], right = [1, 2, 3, 4, 5, 7, 8, 10, 12, 14, 16, 20, 64];
  assertEqual([...wrong, ...right].filter(isWrongOnWebGpu), wrong);
});
