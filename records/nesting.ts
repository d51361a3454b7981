/**
 * Whether arrays and objects of a JSON value stand inside each other more than so many times. Found level by level: what
 * calls itself for each level would overflow the stack on a hostile file.
 */
export function isDeeperThan(limit: number, value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((member) => typeof member === "object" && member !== null ? Object.values(member) : []);
  }
  return false;
}
