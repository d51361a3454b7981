import { reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { Family } from "../../distributed/launch.ts";

/** A program that starts the ranks of a job. */
export interface Launcher {
  program: string;
  family: Family;
}

/** Root may start ranks too: who runs the bench as root, as in a container, has decided that already. */
export const AS_ROOT = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
/** Letters of what a launcher says that are shown. */
const MOST_WORDS = 160;
const WANTED = "want Open MPI's or MPICH's";

/**
 * Finds out whose launcher a program is.
 *
 * @throws {UserError} when there is none, or neither Open MPI's nor one of MPICH's kind
 */
export async function findLauncher(program: string): Promise<Launcher> {
  const said = await versionOf(program);
  if (/Open MPI|OpenRTE/.test(said)) return { program, family: "Open MPI" };
  if (/HYDRA|MPICH|Intel/i.test(said)) return { program, family: "MPICH" };
  throw new UserError(`Cannot use ${program}: it calls itself '${said.slice(0, 60)}', ${WANTED}`);
}

/** The first line of what a program says of its version. */
async function versionOf(program: string): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(program, { args: ["--version"], env: AS_ROOT }).output();
    return new TextDecoder().decode(stdout).trim().split("\n")[0];
  } catch (error) {
    throw new UserError(`Cannot start ${program}: ${reason(error)}, ${WANTED}`);
  }
}

/** Words by which a launcher starts so many processes of a program. */
export function launchArguments({ family }: Launcher, ranks: number, words: readonly string[]): string[] {
  // Open MPI would bind each of two ranks with all its threads to one core: where there are more, the all-reduce then
  // has none beside the update; where other programs work too, a rank cannot move away from them.
  const binding = family === "Open MPI" ? ["--bind-to", "none"] : [];
  return ["-n", String(ranks), ...binding, ...words];
}

/**
 * Runs the ranks of a job and waits for their end.
 *
 * @param words program and arguments of each rank
 * @returns what they printed
 * @throws {UserError} with what the first of them said, when they fail
 */
export async function launch(
  launcher: Launcher,
  ranks: number,
  words: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const args = launchArguments(launcher, ranks, words);
  const { code, stdout, stderr } = await new Deno.Command(launcher.program, { args, env: AS_ROOT, signal }).output();
  signal.throwIfAborted();
  if (code === 0) return new TextDecoder().decode(stdout);
  const found = failure(new TextDecoder().decode(stderr)) ?? `exit code ${code}`;
  throw new UserError(`Cannot measure several ranks: ${found}, want ${ranks} processes that train`);
}

/** What went wrong, by what ranks and launcher wrote: a rank's words, else those on a signal, else the first. */
export function failure(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim().replace(/\s+/g, " ")).filter((line) => /\w/.test(line));
  const own = lines.find((line) => line.startsWith("error: "))?.replace("error: ", "");
  return own ?? lines.find((line) => /\bsignal\b/i.test(line)) ?? (lines.join(" ").slice(0, MOST_WORDS) || undefined);
}
