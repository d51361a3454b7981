/** How a grid's jobs are to run. */
export interface SlurmOptions {
  partition?: string;
  /** Minutes a job may take; the partition's limit where it is not said. */
  time?: number;
  cpus: number;
  /** Megabytes. */
  mem?: number;
  /** Whether a job that had to stop starts again by itself. */
  requeue: boolean;
  /** Seconds before the end of its time at which a job is told to save. */
  warn: number;
  /** How many jobs run at a time, at most. */
  jobs?: number;
}

/** One task of a job array. */
export interface ArrayTask {
  /** Its number in the array. */
  index: number;
  command: readonly string[];
  log: string;
}

/** Exit codes that ask for another start: it has saved, or the warning (128 + SIGUSR2) came before it could listen. */
const AGAIN = "75 | 140";

/**
 * The script of a job array, one task for each cell.
 *
 * Slurm warns the script alone (`B:`), which passes the signal on: Deno is not run by `exec`, since someone has to put
 * the job back into the queue when it has saved. Deno stays in the script's process group, or Slurm would not find it to
 * end it.
 *
 * @param place absolute: working folder of the tasks, and file for what Slurm itself has to say, in Slurm's pattern
 */
export function arrayScript(
  name: string,
  tasks: readonly ArrayTask[],
  { partition, time, cpus, mem, requeue, warn, jobs }: SlurmOptions,
  { folder, output }: { folder: string; output: string },
): string {
  const options = [
    `--job-name=${name}`,
    `--array=${tasks.map(({ index }) => index).join(",")}${jobs === undefined ? "" : `%${jobs}`}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    "--ntasks=1",
    `--cpus-per-task=${cpus}`,
    ...(mem === undefined ? [] : [`--mem=${mem}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    `--signal=B:USR2@${warn}`,
    requeue ? "--requeue" : "--no-requeue",
    "--open-mode=append",
    `--output="${output}"`,
  ];
  const again = requeue
    ? ['case "$code" in', `${AGAIN}) scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}" ;;`, "esac"]
    : [];
  return [
    "#!/bin/bash",
    ...options.map((option) => `#SBATCH ${option}`),
    "",
    `cd ${quoted(folder)} || exit 1`,
    'case "$SLURM_ARRAY_TASK_ID" in',
    ...tasks.flatMap(({ index, command, log }) => [
      `${index})`,
      `  log=${quoted(log)}`,
      `  set -- ${command.map(quoted).join(" ")}`,
      "  ;;",
    ]),
    "esac",
    'exec >> "$log" 2>&1',
    'echo "== $(date -u +%FT%TZ) job ${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID} on ${SLURMD_NODENAME},' +
    ' restarts: ${SLURM_RESTART_COUNT:-0}"',
    "",
    "told= child=",
    "pass() {",
    "  told=$1",
    '  [ -z "$child" ] || kill -s "$1" "$child" 2> /dev/null',
    "}",
    "trap 'pass USR2' USR2",
    "trap 'pass TERM' TERM",
    '"$@" &',
    "child=$!",
    '[ -z "$told" ] || pass "$told"',
    "while :; do",
    "  told=",
    '  wait "$child" # ends when a signal comes, too',
    "  code=$?",
    '  [ -n "$told" ] || break',
    "done",
    'echo "== exit code $code"',
    ...again,
    'exit "$code"',
    "",
  ].join("\n");
}

/** A word as the shell takes it literally. */
function quoted(word: string): string {
  return /^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
