import { parseFlags } from "../../cli/args.ts";
import { shortPath } from "../../cli/files.ts";
import { fromHere } from "../../cli/here.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import { DEFAULT_FOLDER, readRecord, recordFiles } from "../../records/store.ts";
import { readTimes, timesFiles } from "../../records/times.ts";

/**
 * Recomputes the hash of every record and prints one line per file, then the totals.
 *
 * @param args the command line: at most one word, the folder
 * @returns the exit code: 0 when every file checks, else 1
 */
export async function main(args: string[]): Promise<number> {
  const { positionals: [given] } = parseFlags(args, `deno task verify [FOLDER=${DEFAULT_FOLDER}]`, {}, 1);
  const folder = given === undefined ? undefined : fromHere(given), shown = folder ?? DEFAULT_FOLDER;
  let verified = 0, failed = 0;
  const check = async (path: string, words: (path: string) => Promise<string>) => {
    try {
      console.log(`ok      ${printable(path)}: ${await words(path)}`);
      verified++;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.log(`FAILED  ${error.message}`);
      failed++;
    }
  };
  for (const path of await recordFiles(folder)) await check(path, recordWords);
  for (const path of await timesFiles(shown)) await check(path, timesWords);
  if (folder !== undefined && verified + failed === 0) {
    throw new UserError(
      `Cannot verify ${shortPath(folder)}: it holds no record, want a folder of records, as results/`,
    );
  }
  console.log(`${verified} verified, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function recordWords(path: string): Promise<string> {
  const { record: { key, phase: { kind, seed }, asked: { experiment, profile } } } = await readRecord(path);
  return `${kind} ${experiment} ${profile} seed ${seed} key ${key.slice(0, 12)}`;
}

async function timesWords(path: string): Promise<string> {
  const { times: { repeats, asked: { experiment, profile } } } = await readTimes(path);
  return `times ${experiment} ${profile}, n = ${repeats.length}`;
}

if (import.meta.main) await runMain(main);
