import { loadBackend } from "../core/engine/backends.ts";
import { assertEqual, assertRejects } from "./assert.ts";

Deno.test("loadBackend() starts the cpu backend", async () => {
  assertEqual(await loadBackend("cpu"), "cpu");
});

Deno.test("loadBackend() names the backends there are when asked for another", async () => {
  await assertRejects(() => loadBackend("metal"), "Cannot use eager backend 'metal': want one of cpu, tensorflow,");
});

Deno.test("loadBackend() says how to install a backend that is no dependency", async () => {
  const wanted = "Cannot use eager backend 'webgpu': its package does not load; want it installed by deno add";
  await assertRejects(() => loadBackend("webgpu"), wanted);
});
