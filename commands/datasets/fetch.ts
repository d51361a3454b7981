import { join } from "node:path";
import { parseFlags } from "../../cli/args.ts";
import { shortPath } from "../../cli/files.ts";
import { exitCode, Interrupted, interruptSignal } from "../../cli/interrupt.ts";
import { runMain } from "../../cli/main.ts";
import { createProgress } from "../../cli/progress.ts";
import { UserError } from "../../core/errors.ts";
import { type CatalogueEntry, readCatalogue } from "../../datasets/fetch/catalogue.ts";
import { fetchDataset, type Fetched } from "../../datasets/fetch/fetchDataset.ts";
import { KIND_NAMES } from "../../datasets/fetch/hashes.ts";
import { recordPath } from "../../datasets/fetch/record.ts";

const USAGE = "deno task datasets:fetch cifar10|cifar10-python|cifar100|cifar100-python [flags]";

const FLAGS = {
  to: { type: "string", value: "DIR", path: true, help: "folder for the archive and its files", default: "data" },
  verify: { type: "boolean", help: "only check what is there, without the network" },
  url: { type: "string", value: "URL", help: "another address of the same archive (a mirror)" },
} as const;

const MEGABYTE = 1e6;

/** Downloads a data set, or checks the one that is there. */
async function main(args: string[]): Promise<number> {
  const { values, positionals: [name] } = parseFlags(args, USAGE, FLAGS, 1), catalogue = await readCatalogue();
  const entry = catalogue.get(name ?? "");
  if (!entry) {
    throw new UserError(
      `Cannot fetch ${name ?? "a data set without a name"}: want one of ${[...catalogue.keys()].join(", ")}`,
    );
  }
  const verifyOnly = values.verify === true, url = values.url as string | undefined, to = values.to as string;
  if (verifyOnly && url !== undefined) throw new UserError("Cannot use --url with --verify: nothing is downloaded");
  if (url !== undefined && !/^https?:\/\/./.test(url)) {
    throw new UserError(`Cannot use --url ${url}: want an address that starts with https:// or http://`);
  }
  const { signal, release } = interruptSignal(), progress = createProgress();
  const show = (done: number, total = entry.maxBytes) =>
    progress.show(entry.archive, done / total, [`${(done / MEGABYTE).toFixed(1)} MB`]);
  const notice = (line: string) => (progress.end(), console.error(line));
  if (!verifyOnly) console.log(`${entry.title}, ${url ?? entry.url}\n${entry.terms}`);
  try {
    const fetched = await fetchDataset(entry, { to, url, verifyOnly, signal, show, notice });
    progress.end();
    console.log(outcome(entry, to, fetched));
    return 0;
  } catch (error) {
    progress.end();
    if (!(error instanceof Interrupted)) throw error;
    console.error(`interrupted; what came is kept in ${shortPath(join(to, entry.archive))}.part, run again to go on`);
    return exitCode(error);
  } finally {
    release();
  }
}

function outcome(entry: CatalogueEntry, to: string, { archive, downloaded, unpacked, members }: Fetched): string {
  const kind = KIND_NAMES[entry.checksum.kind], record = shortPath(recordPath(to, entry.name));
  const lines = [`${shortPath(archive)}: ${downloaded ? "downloaded" : "there"}, ${kind} as its publisher states`];
  if (members === 0) lines.push(`${record}: not there, so its files were not checked`);
  else {lines.push(
      `${members} files: ${unpacked ? "unpacked, SHA-256 recorded in" : "SHA-256 as recorded in"} ${record}`,
    );}
  lines.push(`use it with --data ${shortPath(join(to, entry.folder))}`);
  return lines.join("\n");
}

if (import.meta.main) await runMain(main);
