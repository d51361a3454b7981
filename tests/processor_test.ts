import { processor, processorKind } from "../training/processor.ts";
import { assertEqual, assertTrue } from "./assert.ts";

Deno.test("processorKind() tells processors of one name apart by family, model and stepping", () => {
  const text = (family: number, model: number) =>
    `Architecture: x86_64\nVendor ID: AuthenticAMD\n  Model name: AMD EPYC\n    CPU family: ${family}\n    Model: ${model}\n` +
    "    Stepping: 1\nFlags: fpu avx2\n";
  assertEqual(processorKind(text(25, 1)), "family 25, model 1, stepping 1");
  assertEqual(processorKind(text(25, 17)), "family 25, model 17, stepping 1");
  assertEqual(processorKind("Model name: Neoverse-N1\nModel: 1\nStepping: r3p1\n"), "model 1, stepping r3p1");
  assertEqual(processorKind(""), "");
});

Deno.test("processor() is a name, with a kind behind it where lscpu is there", async () => {
  const lscpu = await new Deno.Command("lscpu", { stdout: "null", stderr: "null" }).output().catch(() => undefined);
  assertTrue(lscpu?.success ? /^.+ \(.*model .+\)$/.test(processor()) : processor().length > 0, processor());
});
