import { UserError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { schemaFault } from "../core/schemaFault.ts";
import type { Experiment, Settings } from "./experiment.ts";

/**
 * The settings of a profile with `--set key=value` words applied, checked.
 *
 * @param unchecked leaves out whether the values fit each other
 * @throws {UserError} on an unknown profile or key, one that is named twice, a value of the wrong kind, or one that does not fit the others
 */
export function resolveSettings<S extends Settings>(
  { recipe }: Experiment<S>,
  profile: string,
  changes: readonly string[],
  { unchecked = false } = {},
): Omit<S, "seed"> {
  if (!Object.hasOwn(recipe.profiles, profile)) {
    const names = Object.keys(recipe.profiles);
    throw new UserError(`Cannot use --profile ${profile}: want one of ${names.join(", ")}${nearest(profile, names)}`);
  }
  // By way of JSON: what several sections of a profile share is copied for each, so that a change stays in its section.
  const resolved: Record<string, unknown> = JSON.parse(JSON.stringify(recipe.profiles[profile]));
  const keys = changes.map((change) => change.split("=")[0]), twice = keys.find((key, k) => keys.indexOf(key) < k);
  if (twice !== undefined) throw new UserError(`Cannot use --set ${twice} twice: want one value`);
  for (const change of changes) applyChange(resolved, change);
  const parsed = recipe.schema.safeParse(resolved);
  if (!parsed.success) throw new UserError(`Cannot use ${schemaFault(parsed.error, resolved)}`);
  const fault = unchecked ? undefined : recipe.fault(parsed.data);
  if (fault) throw new UserError(`Cannot use ${fault}`);
  return parsed.data;
}

/** Sets one key, which has to be there. */
function applyChange(settings: Record<string, unknown>, change: string): void {
  const [, key, text] = /^([^=]+)=(.*)$/s.exec(change) ?? [];
  if (!key) throw new UserError(`Cannot use --set ${change}: want key=value, e.g. pretrain.epochs=40`);
  const known = leaves(settings), names = key.split("."), name = names.pop()!;
  if (!known.includes(key)) {
    const section = known.filter((other) => other.startsWith(`${key.split(".")[0]}.`));
    const wanted = section.length > 0 ? section : [...new Set(known.map((other) => other.replace(/\..*/, ".…")))];
    throw new UserError(`Cannot set unknown key ${key}: want one of ${wanted.join(", ")}${nearest(key, known)}`);
  }
  const place = names.reduce((at, part) => at[part] as Record<string, unknown>, settings);
  place[name] = parseValue(text);
}

/** Keys of all values that are no objects, from the top, joined by dots. */
function leaves(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, path === "" ? key : `${path}.${key}`));
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
