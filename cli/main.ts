import { UserError } from "../core/errors.ts";
import { reason } from "./files.ts";

/**
 * Runs a command: a user's mistake becomes one line on stderr and exit code 1; anything else keeps its stack trace.
 *
 * @param main the command; its resolved number, if any, is the exit code
 */
export async function runMain(main: (args: string[]) => Promise<number | void>): Promise<never> {
  try {
    Deno.exit(await main(Deno.args) ?? 0);
  } catch (error) {
    tell(error);
    Deno.exit(1);
  }
}

/** What went wrong, on stderr: a user's mistake, and a full disk behind an output, in one line. */
function tell(error: unknown): void {
  try {
    if (error instanceof UserError) console.error(`error: ${error.message}`);
    else if (isFull(error)) console.error(`error: Cannot write the output: ${reason(error)}`);
    else console.error(error);
  } catch {
    // stderr is full, too: the exit code tells
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOSPC";
}
