import { reason } from "../../../cli/files.ts";
import { UserError } from "../../../core/errors.ts";

/**
 * Runs a program of Slurm.
 *
 * @returns what it printed
 * @throws {UserError} when it is not there, or fails
 */
export async function slurmProgram(name: string, args: string[]): Promise<string> {
  let ended: Deno.CommandOutput;
  try {
    ended = await new Deno.Command(name, { args, stdout: "piped", stderr: "piped" }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      throw new UserError(`Cannot run ${name}: it is not there, want Slurm's programs in the PATH`);
    }
    throw new UserError(`Cannot run ${name}: ${reason(error)}`);
  }
  const [out, err] = [ended.stdout, ended.stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
  if (ended.code !== 0) {
    throw new UserError(`Cannot run ${name}: ${err.split("\n").join("; ") || `exit code ${ended.code}`}`);
  }
  return out;
}
