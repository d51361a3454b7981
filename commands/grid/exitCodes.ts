import { StartMissing } from "../../training/start.ts";

/** Exit codes of processes that ended well, were told to stop, or found their start unfinished. */
const ORDERLY = [0, StartMissing.exitCode, 75, 129, 130, 138, 140, 143, 152];

/** Whether a process has failed, by its exit code. */
export function isFailure(code: number): boolean {
  return !ORDERLY.includes(code);
}
