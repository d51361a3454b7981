import { parseFlags } from "../../cli/args.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { filesOf } from "../../records/folder.ts";
import { readResult } from "../../records/store.ts";

/**
 * Recomputes the hash of every result and prints one line per file, then the totals.
 *
 * @param args the command line: at most one word, the folder
 * @returns the exit code: 0 when every file checks, else 1
 */
export async function main(args: string[]): Promise<number> {
  const { positionals } = parseFlags(args, "deno task verify [FOLDER=results]", {}, 1);
  let verified = 0, failed = 0;
  for (const path of await filesOf(positionals[0])) {
    try {
      const { result } = await readResult(path);
      console.log(`ok      ${path}: ${result.experiment} ${result.profile} ${result.row} seed ${result.seed}`);
      verified++;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.log(`FAILED  ${error.message}`);
      failed++;
    }
  }
  console.log(`${verified} verified, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) await runMain(main);
