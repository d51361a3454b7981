// Checks types, layers, lint, public documentation and format; with --tests runs all tests too.
//
//   deno task check
//   deno task ok

import { fileURLToPath } from "node:url";
import { parseFlags } from "../cli/args.ts";
import { runMain } from "../cli/main.ts";
import { UserError } from "../core/errors.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** What has to pass, in this order. */
const STEPS = ["check --doc .", "task layers", "lint", "doc -q --lint mod.ts @api", "fmt --check"];

/** The words of a step; `@api` stands for the package's entries. */
function words(step: string): string[] {
  const entries = () =>
    [...Deno.readDirSync(`${ROOT}api`)].filter(({ isFile }) => isFile).map(({ name }) => `api/${name}`);
  return step.split(" ").flatMap((word) => word === "@api" ? entries().sort() : [word]);
}

async function main(args: string[]): Promise<void> {
  const { values } = parseFlags(args, "deno task check, deno task ok", {
    tests: { type: "boolean", help: "run all tests behind the checks, as deno task ok does" },
  });
  for (const step of [...STEPS, ...(values.tests === true ? ["task test"] : [])]) {
    const { success } = await new Deno.Command(Deno.execPath(), { args: words(step), cwd: ROOT, stdin: "null" }).spawn()
      .status;
    if (!success) throw new UserError(`deno ${step.replace("@api", "api/*.ts")} does not pass, see above`);
  }
}

if (import.meta.main) await runMain(main);
