import { parseFlags } from "../../cli/args.ts";
import { fromHere } from "../../cli/here.ts";
import { runMain } from "../../cli/main.ts";
import { createProgress } from "../../cli/progress.ts";
import { UserError } from "../../core/errors.ts";
import { printableJson } from "../../core/printable.ts";
import { inspectDataset } from "../../datasets/check/inspect.ts";
import { inspectionText } from "../../datasets/check/text.ts";

const USAGE = "deno task datasets:check PATH [flags]";

const FLAGS = { json: { type: "boolean", help: "print one JSON object instead of text" } } as const;

/** Looks at every image of a data set; the exit code is 1 when a training run would refuse it. */
async function main(args: string[]): Promise<number> {
  const { values, positionals: [given] } = parseFlags(args, USAGE, FLAGS, 1);
  if (given === undefined) throw new UserError(`Cannot check a data set: no path is given; usage: ${USAGE}`);
  const path = fromHere(given);
  const progress = createProgress(), start = performance.now();
  const found = await inspectDataset(path, (done, of) => progress.show(path, done / of, [`${done} images`]))
    .finally(() => progress.end());
  const seconds = (performance.now() - start) / 1000;
  console.log(values.json ? printableJson({ ...found, seconds }) : inspectionText(found, seconds));
  return found.broken.length > 0 || found.unusable !== null ? 1 : 0;
}

if (import.meta.main) await runMain(main);
