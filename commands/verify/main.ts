import { parseFlags } from "../../cli/args.ts";
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
  const { positionals } = parseFlags(args, "deno task verify [FOLDER=results]", {}, 1);
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
  for (const path of await recordFiles(positionals[0])) await check(path, recordWords);
  for (const path of await timesFiles(positionals[0] ?? DEFAULT_FOLDER)) await check(path, timesWords);
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
