import { sha256 } from "../../core/sha256.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { type PhaseRecord, ranksShape } from "../../records/schema.ts";
import { listed } from "../format.ts";

/** What makes an environment, each with how another one of it is said. */
const PARTS = {
  machine: "another machine",
  engine: "another engine",
  processes: "other processes",
  code: "other code",
  packages: "other packages",
} as const;
type Part = keyof typeof PARTS;

/**
 * Where and by which code something was computed: a phase and all that it rests on. Only what was computed in one
 * environment is compared in pairs.
 */
export interface Environment {
  /** Tells environments apart, methods aside. */
  key: string;
  parts: Readonly<Record<Part, string>>;
  /** SHA-256 of each method's code by name; none where nothing was pre-trained. */
  methods: Readonly<Record<string, string>>;
}

/** What of a record tells its environment. */
type Computed = Pick<PhaseRecord, "hashes" | "engine" | "machine" | "ranks"> & {
  phase: Pick<PhaseRecord["phase"], "config">;
};

/**
 * The environment of a record.
 *
 * @param start that of the record it starts from
 */
export function environmentOf(record: Computed, start?: Environment): Environment {
  const { hashes: { code, lock, method }, engine, machine, phase } = record;
  const own: Record<Part, string> = {
    machine: canonicalJson(machine),
    engine: canonicalJson(engine),
    processes: canonicalJson(ranksShape(record) ?? null),
    code,
    packages: lock,
  };
  const methods = { ...start?.methods, ...(method && { [methodName(phase.config)]: method }) };
  const key = canonicalJson(own);
  if (start === undefined || start.key === key) return { key, parts: own, methods };
  const parts = Object.fromEntries(
    Object.entries(own).map(([part, text]) => [part, joined(start.parts[part as Part], text)]),
  ) as Record<Part, string>;
  return { key: joined(start.key, key), parts, methods };
}

/** Two texts as one; one alone where they are alike. */
function joined(before: string, now: string): string {
  return before === now ? now : `${before}\n${now}`;
}

/** The method of a pre-training; "" of what has none. */
export function methodName({ method }: Record<string, unknown>): string {
  return typeof method === "object" && method !== null && "name" in method ? String(method.name) : "";
}

/** Digits that stand for an environment. */
export function environmentName({ key, methods }: Environment): string {
  return sha256(canonicalJson([key, methods])).slice(0, 8);
}

/** Whether something that was computed in the first environment belongs to the second, which may know more methods. */
export function isOf(own: Environment, environment: Environment): boolean {
  return own.key === environment.key &&
    Object.entries(own.methods).every(([name, hash]) => environment.methods[name] === hash);
}

/**
 * The environments that there are, each method in one version: what pre-trains nothing belongs to several of them where
 * a method has several versions.
 */
export function environmentsOf(all: Iterable<Environment>): Environment[] {
  return [...Map.groupBy(all, ({ key }) => key).values()].flatMap((alike) => {
    const versions = Map.groupBy(alike.flatMap(({ methods }) => Object.entries(methods)), ([name]) => name);
    let combined: Record<string, string>[] = [{}];
    for (const [name, entries] of versions) {
      const hashes = [...new Set(entries.map(([, hash]) => hash))];
      combined = combined.flatMap((methods) => hashes.map((hash) => ({ ...methods, [name]: hash })));
    }
    return combined.map((methods) => ({ ...alike[0], methods }));
  });
}

/** In what one environment is not another one: "another machine and other code". */
export function unlike(own: Environment, other: Environment): string {
  const parts = (Object.keys(PARTS) as Part[]).filter((part) => own.parts[part] !== other.parts[part])
    .map((part) => PARTS[part]);
  const versions = Object.entries(own.methods).some(([name, hash]) => (other.methods[name] ?? hash) !== hash);
  return listed(versions ? [...parts, "another version of the method"] : parts);
}
