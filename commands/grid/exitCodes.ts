/** Exit code of a process whose phase starts from one that is not finished (EX_UNAVAILABLE). */
export const START_UNFINISHED = 69;
/** Exit codes of processes that ended well, were told to stop, or found their start unfinished. */
const ORDERLY = [0, START_UNFINISHED, 75, 130, 140, 143];

/** Whether a process has failed, by its exit code. */
export function isFailure(code: number): boolean {
  return !ORDERLY.includes(code);
}
