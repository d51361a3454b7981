// Runs the tests of all promises at full count, and writes what they have shown to docs/RELIABILITY.md.
//
//   deno task reliability

import { fileURLToPath } from "node:url";
import { parseFlags } from "../../cli/args.ts";
import { writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
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

async function main(args: string[]): Promise<number> {
  parseFlags(
    args,
    "deno task reliability: runs the tests of all promises, up to an hour, and writes docs/RELIABILITY.md",
    {},
  );
  const out = await Deno.makeTempDir();
  try {
    const files = TESTS.map((name) => name === "fuzz" ? "tests/fuzz/" : `tests/${name}_test.ts`);
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
    const lines: string[] = [];
    const place = (file: string) => {
      const found = TESTS.indexOf(file.split(".")[0].split("-")[0]);
      return found < 0 ? TESTS.length : found;
    };
    const shown = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
    for (const file of shown.toSorted((a, b) => place(a) - place(b))) {
      lines.push(line(JSON.parse(await Deno.readTextFile(`${out}/${file}`)) as Shown));
    }
    const { cores, cpu } = machineInfo();
    const foot =
      `\nShown on ${cores} cores of ${cpu}, ${Deno.build.os}, Deno ${Deno.version.deno}: ${counts.passed} tests passed` +
      `${counts.ignored ? `, ${counts.ignored} skipped for want of something on that machine` : ""}.\n`;
    await writeWhole(`${ROOT}docs/RELIABILITY.md`, HEAD + lines.join("\n") + "\n" + foot);
    return 0;
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

if (import.meta.main) await runMain(main);
