// Runs the tests of all promises at full count, and writes what they have shown to docs/RELIABILITY.md.
//
//   deno task reliability [--only weights,timmCheckpoints]

import { fileURLToPath } from "node:url";
import { listFlag, parseFlags } from "../../cli/args.ts";
import { writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { machineInfo } from "../../training/identity.ts";
import { countTests } from "../run.ts";
import { COUNTS, type Shown } from "./record.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Tests of promises, in the order of the table, and how much they do here. */
const TESTS = [
  "resume",
  "kill",
  "checkpoint",
  "fullDisk",
  "results",
  "report",
  "datasetsCache",
  "fetch",
  "fuzz",
  "permissions",
  "determinism",
  "weights",
  "foreignWeights",
  "timmCheckpoints",
  "dataAccounting",
  "oddFiles",
  "steadyLogs",
  "slurm",
  "mpi",
];
const FULL = { [COUNTS.kills]: "100", FUZZ_INPUTS: "12000" };

const HEAD = `# What is promised, and how it was tested

Written by \`deno task reliability\`, which runs the tests of these promises at full count; \`deno task test\` runs the same
tests with fewer kills and fewer generated inputs.

| promise | how it is tested | count | result |
| ------- | ---------------- | ----- | ------ |
`;

/** One line of the table. */
function line({ promise, how, count }: Shown): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return `| ${cell(promise)} | ${cell(how)} | ${cell(count)} | kept |`;
}

/** The rows of the table, in the order of the tests. */
async function rowsIn(folder: string): Promise<string[]> {
  const place = (file: string) => {
    const found = TESTS.indexOf(file.split(".")[0].split("-")[0]);
    return found < 0 ? TESTS.length : found;
  };
  const shown = [...Deno.readDirSync(folder)].map(({ name }) => name).sort().toSorted((a, b) => place(a) - place(b));
  return await Promise.all(shown.map(async (file) => line(JSON.parse(await Deno.readTextFile(`${folder}/${file}`)))));
}

/**
 * A page with these rows in place of those of the same promises, and a foot more, or in place of the one of the same tests.
 *
 * @param foot "Of …, shown on …"
 */
export function amended(page: string, rows: readonly string[], foot: string): string {
  const promise = (row: string) => row.split("|")[1].trim(), said = new Set(rows.map(promise));
  const lines = page.trimEnd().split("\n"), isRow = (row: string) => /^\| (?!promise |-)/.test(row);
  const kept = lines.filter((each) => isRow(each) && !said.has(promise(each)));
  const apart = foot.slice(0, foot.indexOf(", shown on"));
  const feet = lines.slice(lines.findLastIndex(isRow) + 1).filter((each) =>
    each !== "" && !each.startsWith(`${apart}, shown`)
  );
  return `${HEAD}${[...kept, ...rows].join("\n")}\n\n${[...feet, foot].join("\n\n")}\n`;
}

async function main(args: string[]): Promise<number> {
  const { values } = parseFlags(
    args,
    "deno task reliability: runs the tests of all promises, up to an hour, and writes docs/RELIABILITY.md",
    { only: { type: "string", value: "LIST", help: `these tests alone, their rows replaced: of ${TESTS.join(", ")}` } },
  );
  const only = values.only === undefined ? undefined : listFlag("only", String(values.only), "a test");
  const unknown = only?.find((name) => !TESTS.includes(name));
  if (unknown) throw new UserError(`Cannot use --only ${unknown}: want ${TESTS.join(", ")}${nearest(unknown, TESTS)}`);
  const out = await Deno.makeTempDir(), page = `${ROOT}docs/RELIABILITY.md`;
  try {
    const files = (only ?? TESTS).map((name) => name === "fuzz" ? "tests/fuzz/" : `tests/${name}_test.ts`);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", ...files],
      cwd: ROOT,
      env: { NO_COLOR: "1", ...FULL, [COUNTS.out]: out },
      stderr: "inherit",
    }).output();
    const text = new TextDecoder().decode(stdout), counts = countTests(text);
    console.log(text);
    if (code !== 0 || !counts) {
      throw new UserError("Cannot write docs/RELIABILITY.md: a promise was not kept, see above");
    }
    const rows = await rowsIn(out), { cores, cpu } = machineInfo();
    const where =
      `hown on ${cores} cores of ${cpu}, ${Deno.build.os}, Deno ${Deno.version.deno}: ${counts.passed} tests passed` +
      `${counts.ignored ? `, ${counts.ignored} skipped for want of something on that machine` : ""}.`;
    const content = only
      ? amended(await Deno.readTextFile(page), rows, `Of ${only.join(", ")}, s${where}`)
      : `${HEAD}${rows.join("\n")}\n\nS${where}\n`;
    await writeWhole(page, content);
    return 0;
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

if (import.meta.main) await runMain(main);
