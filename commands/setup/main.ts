// Installs the packages that the other tasks need, where they are missing; every task does it first. Imports no package.
//
//   deno task setup

import { fileURLToPath } from "node:url";
import { parseFlags } from "../../cli/args.ts";
import { runMain } from "../../cli/main.ts";
import { installPackages } from "./install.ts";

async function main(args: string[]): Promise<void> {
  parseFlags(args, "deno task setup", {});
  await installPackages(fileURLToPath(new URL("../../", import.meta.url)), console.error);
}

if (import.meta.main) await runMain(main);
