/** One place in which two configurations differ. */
export interface Difference {
  /** Keys from the top, joined by dots. */
  key: string;
  /** Values as JSON; "nothing" where the key is not there. */
  before: string;
  now: string;
}

/** The places in which two JSON values differ, in the order of their keys. */
export function differences(before: unknown, now: unknown, key = ""): Difference[] {
  if (isObject(before) && isObject(now)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
    return names.flatMap((name) => differences(before[name], now[name], key === "" ? name : `${key}.${name}`));
  }
  const texts = [before, now].map((value) => JSON.stringify(value) ?? "nothing");
  return texts[0] === texts[1] ? [] : [{ key, before: texts[0], now: texts[1] }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
