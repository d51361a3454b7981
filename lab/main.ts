// Builds the page that pre-trains in a browser's tab, and serves it.
//
//   deno task lab [--out DIR] [--port N] [--build]

import { forbid, parseFlags } from "../cli/args.ts";
import { shortPath } from "../cli/files.ts";
import { interruptSignal } from "../cli/interrupt.ts";
import { runMain } from "../cli/main.ts";
import { wholeFlag } from "../cli/wholeFlag.ts";
import { UserError } from "../core/errors.ts";
import { buildPage } from "./build.ts";
import { answer } from "./serve.ts";

const DEFAULT_OUT = ".cache/lab", DEFAULT_PORT = 8017, HOST = "127.0.0.1";

const FLAGS = {
  out: { type: "string", value: "DIR", path: true, help: `folder of the page (default ${DEFAULT_OUT})` },
  port: { type: "string", value: "N", help: `where it is served on this machine (default ${DEFAULT_PORT})` },
  build: { type: "boolean", help: "build it and stop; any static host can serve the folder" },
} as const;

async function main(args: string[]): Promise<number> {
  const { values } = parseFlags(args, "deno task lab [flags]", FLAGS), isBuild = values.build === true;
  const { out = DEFAULT_OUT, port: wanted } = values as Record<string, string | undefined>;
  forbid(isBuild && wanted !== undefined, "--port", "--build, which serves nothing");
  const port = wanted === undefined ? DEFAULT_PORT : wholeFlag("port", wanted, 0, 65535);
  await buildPage(out, console.error);
  if (isBuild) {
    console.log(`The page is in ${shortPath(out)}.`);
    return 0;
  }
  const { signal, release } = interruptSignal();
  try {
    const server = Deno.serve(
      { hostname: HOST, port, signal, onListen: ({ port }) => said(port, out) },
      (request) => answer(request, out),
    );
    await server.finished;
    return 0;
  } catch (error) {
    const isTaken = error instanceof Deno.errors.AddrInUse;
    if (!isTaken && !(error instanceof Deno.errors.PermissionDenied)) throw error;
    const why = isTaken ? "it is taken" : "this user may not";
    throw new UserError(`Cannot serve the page on port ${port}: ${why}; want another --port, or 0 for any`);
  } finally {
    release();
  }
}

function said(port: number, out: string): void {
  console.log(`The page is in ${shortPath(out)}, served at http://${HOST}:${port}/; Ctrl-C ends.`);
}

if (import.meta.main) await runMain(main);
