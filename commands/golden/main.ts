/**
 * Checks fixtures that the released PyTorch code computed against this implementation.
 *
 * Every fixture is a safetensors file whose metadata names its kind. Prints the largest error of every quantity beside
 * its tolerance; the exit code is 1 when one is beyond it.
 *
 *     deno task golden ../shared/golden/*.safetensors [--device webgpu] [--json]
 */
import { parseFlags } from "../../cli/args.ts";
import { cardOf, DEVICE_FLAGS, deviceChoice } from "../../cli/device.ts";
import { readWhole } from "../../cli/files.ts";
import { fromHere } from "../../cli/here.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import type { Check, Quantity } from "./check.ts";
import { runOn } from "./engine.ts";
import { checkFixture } from "./registry.ts";

const usage = "deno task golden FILE… [--device NAME] [--json]";

async function main(args: string[]): Promise<number> {
  const flags = {
    ...DEVICE_FLAGS,
    json: { type: "boolean", help: "print one JSON array instead of text" },
  } as const;
  const { values, positionals } = parseFlags(args, usage, flags, Infinity);
  if (positionals.length === 0) throw new UserError(`Cannot check fixtures: no file given; usage: ${usage}`);
  runOn(cardOf(deviceChoice(values)));
  const checks: (Check & { file: string })[] = [];
  for (const path of positionals.map((file) => fromHere(file))) {
    const check = await checkFixture(readSafetensors(await readWhole(path), path));
    checks.push({ file: path, ...check });
    if (!values.json) console.log(`${path} (${check.kind})\n${check.quantities.map(line).join("\n")}`);
  }
  if (values.json) console.log(JSON.stringify(checks, null, 2));
  return checks.every((check) => check.quantities.every((quantity) => quantity.ok)) ? 0 : 1;
}

function line({ name, error, tolerance, ok, note }: Quantity): string {
  const numbers = `${error.toPrecision(3).padStart(9)} (at most ${Number(tolerance.toPrecision(3))})`;
  return `  ${ok ? "pass" : "FAIL"}  ${name.padEnd(42)} ${numbers}${note ? `; ${note}` : ""}`;
}

if (import.meta.main) await runMain(main);
