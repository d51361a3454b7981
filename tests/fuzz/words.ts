import fc from "fast-check";
import { VIT } from "../../experiments/recipes/vit.ts";

const KEYS = Object.entries(VIT.profiles.ci).flatMap(([section, values]) =>
  typeof values === "object" ? Object.keys(values).map((name) => `${section}.${name}`) : [section]
);
/** What may stand behind a flag or a key, right for some of them. */
const VALUES = [
  ..."0 1 2 13 0.5 -1 1e1 0x2 1e9 1e15 1e308 1e999 NaN null true [] {} [2,4,10,12] 2,4,12 0,5 1,2,3,4,5 ,".split(" "),
  ..."ci cifar10 laptop localmim vitfreeze compiled eager cpu code paper cut live all vit-b16 hog x".split(" "),
  "",
  " 1",
  '"x"',
  "\x1b[2J",
  "a\nb",
  '{"__proto__":1}',
  "9".repeat(400),
  "[".repeat(20_000) + "]".repeat(20_000),
  new Array(400).fill("1").join(","),
];
const STRAY = ["--", "-", "-x", "--set", "--set=", "--__proto__", "--no-json", "--profile=", "--out", "\x1b[2J", "\0"];

const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.string() },
);
const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.constantFrom("__proto__.x", "model.__proto__", "model", "data.train.x", "=") },
);

/** Whether the words ask for help, which prints it and ends the program. */
function asksHelp(words: readonly string[]): boolean {
  return words.includes("--help");
}

/**
 * Command lines that a command understands in part.
 *
 * @param flags those with a value; --set among them gets key=value
 * @param switches those without
 * @param first words that may come before all flags
 */
export function commandLines(flags: string, switches: string, first: string[] = []): fc.Arbitrary<string[]> {
  const named = fc.tuple(fc.constantFrom(...flags.split(" ")), key, value).map(([flag, key, value]) =>
    flag === "set" ? ["--set", `${key}=${value}`] : [`--${flag}`, value]
  );
  const bare = fc.constantFrom(...switches.split(" ")).map((name) => [`--${name}`]);
  const stray = fc.oneof(fc.string(), fc.constantFrom(...STRAY)).map((word) => [word]);
  const words = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: named },
      { weight: 2, arbitrary: bare },
      { weight: 1, arbitrary: stray },
    ),
    { maxLength: 4 },
  );
  return fc.tuple(fc.subarray(first), words).map(([before, rest]) => [...before, ...rest.flat()])
    .filter((words) => !asksHelp(words));
}
