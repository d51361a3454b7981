import { AS_ROOT, findLauncher } from "../commands/bench/launcher.ts";
import { UserError } from "../core/errors.ts";
import type { Family } from "../distributed/launch.ts";
import { overridden } from "./commandTools.ts";
import { pause } from "./slurmTools.ts";

/** A way to start processes that find each other. */
export interface Launcher {
  family: Family;
  /** Words before the program. */
  start(ranks: number): string[];
}

/** Names of launchers; which MPI one belongs to, it says itself. */
const NAMES = ["mpirun", "mpirun.openmpi", "mpirun.mpich", "mpiexec.hydra"];

/** The launchers of this machine, one of each family. */
export async function launchers(): Promise<Partial<Record<Family, Launcher>>> {
  const found: Partial<Record<Family, Launcher>> = {};
  for (const name of NAMES) {
    const launcher = await findLauncher(name).catch((error) => {
      if (!(error instanceof UserError)) throw error;
    });
    if (!launcher) continue;
    const { family } = launcher, more = family === "Open MPI" ? ["--oversubscribe"] : [];
    found[family] ??= { family, start: (ranks) => [name, ...more, "-n", `${ranks}`] };
  }
  return found;
}

/** How a launched job ended. */
export interface JobEnd {
  code: number;
  /** Stdout and stderr of the launcher, in which those of all ranks are. */
  text: string;
  /** Seconds from the call of `act`, or from the start. */
  seconds: number;
}

/** A job under way. */
export interface RunningJob {
  /** What it has printed so far. */
  text(): string;
  /** The launcher's own process. */
  launcher: number;
  /** Process number of a rank, once rank 0 has said it. */
  rank(rank: number): Promise<number>;
}

/** The words of a job, in each of its programs a flag in the place of an earlier one. */
function ownWords(words: readonly string[]): string[] {
  const next = words.indexOf(":"), end = next < 0 ? words.length : next, own = words.slice(0, end);
  const at = own.findIndex((word) => word.endsWith("main.ts")) + 1;
  const rest = next < 0 ? [] : [":", ...ownWords(words.slice(next + 1))];
  return [...own.slice(0, at), ...overridden(own.slice(at)), ...rest];
}

/**
 * Runs a command under a launcher to its end.
 *
 * @param words the launcher's and the program's
 * @param act what is done to it meanwhile
 */
export async function launch(
  words: string[],
  folder: string,
  act?: (job: RunningJob) => Promise<void>,
  env: Record<string, string> = {},
): Promise<JobEnd> {
  const [name, ...args] = ownWords(words), log = `${folder}/job-${crypto.randomUUID()}.log`;
  const child = new Deno.Command("sh", {
    args: ["-c", 'log=$1; shift; exec "$@" > "$log" 2>&1', "sh", log, name, ...args],
    cwd: folder,
    env: { NO_COLOR: "1", ...AS_ROOT, MPI_TEST_FOLDER: folder, ...env },
    stdin: "null",
  }).spawn();
  const text = () => {
    try {
      return Deno.readTextFileSync(log);
    } catch {
      return ""; // it has not begun
    }
  };
  let start = performance.now();
  if (act) {
    const rank = async (rank: number) => {
      const wanted = new RegExp(`^  rank ${rank}: .*, process (\\d+)$`, "m");
      return Number((await seen(text, wanted))[1]);
    };
    await act({ text, launcher: child.pid, rank });
    start = performance.now();
  }
  const { code } = await child.status;
  return { code, text: text(), seconds: (performance.now() - start) / 1000 };
}

/** Waits until a text shows up. */
export async function seen(text: () => string, wanted: RegExp): Promise<RegExpExecArray> {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(50)) {
    const found = wanted.exec(text());
    if (found) return found;
  }
  throw new Error(`there is no ${wanted} after a minute:\n${text()}`);
}
