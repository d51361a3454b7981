import { UserError } from "../core/errors.ts";

/**
 * Runs a command: a user's mistake becomes one line on stderr and exit code 1; anything else keeps its stack trace.
 *
 * @param main the command; its resolved number, if any, is the exit code
 */
export async function runMain(main: (args: string[]) => Promise<number | void>): Promise<never> {
  try {
    Deno.exit(await main(Deno.args) ?? 0);
  } catch (error) {
    if (error instanceof UserError) {
      console.error(`error: ${error.message}`);
    } else {
      console.error(error);
    }
    Deno.exit(1);
  }
}
