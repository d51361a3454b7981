import { parseTask, type Task } from "../../cli/task.ts";
import project from "../../deno.json" with { type: "json" };
import type { GridFolders } from "./folders.ts";
import type { Cell } from "./plan.ts";
import type { GridRequest } from "./request.ts";

/** What `deno task repro` would run. */
function reproTask(): Task {
  return parseTask(project.tasks.repro.command);
}

/** Words of `deno task repro` that run one phase, or go on with it, once no other process works on it. */
export function phaseWords(
  { experiment, profile, rows, probes, passed }: GridRequest,
  { run, out }: Pick<GridFolders, "run" | "out">,
  { phase: { seed }, key, words }: Cell,
): string[] {
  return [
    experiment,
    ...["--profile", profile],
    ...words.flatMap((word) => ["--set", word]),
    ...(rows ? ["--rows", rows.join(",")] : []),
    ...["--seed", String(seed)],
    ...(probes.length > 0 ? ["--probes", probes.join(",")] : []),
    ...["--phase", key, "--run", run, "--out", out, "--wait"],
    ...passed,
  ];
}

/** Words of this program's own Deno that run a cell with so many threads, unless the request says how many. */
export function denoWords(
  request: GridRequest,
  folders: Pick<GridFolders, "run" | "out">,
  cell: Cell,
  threads: number,
): string[] {
  const { permissions, script } = reproTask(), told = toldThreads(request) !== undefined;
  const words = phaseWords(request, folders, cell);
  return ["run", ...permissions, script, ...words, ...(told ? [] : ["--threads", `${threads}`])];
}

/** Whether processes compute on a card, with one thread. */
export function isOnCard(passed: readonly string[]): boolean {
  return passed.some((word, i) => word !== "cpu" && passed[i - 1] === "--device");
}

/** How many threads each process of a request is told to have; nothing where it is not told. */
export function toldThreads({ passed }: Pick<GridRequest, "passed">): number | undefined {
  if (passed.some((word, i) => word === "eager" && passed[i - 1] === "--engine") || isOnCard(passed)) return 1;
  const at = passed.indexOf("--threads");
  return at < 0 ? undefined : Number(passed[at + 1]);
}
