// Runs all tests and ends with a plain line "N passed, N failed".
//
//   deno task test [names of test files or deno test flags]

const TESTS = new URL(".", import.meta.url).pathname;

/** Tests that time what they start: one at a time, after the others, which start processes that share the cores. */
const ALONE = /\/(progress|timesCommand)_test\.ts$/;

/** The counts of deno's closing line, e.g. "ok | 12 passed (3 steps) | 1 failed | 2 ignored (3s)". */
export function countTests(output: string): { passed: number; failed: number; ignored: number } | undefined {
  const counts = [...output.matchAll(/\| (\d+) passed.*?\| (\d+) failed(?:.*?\| (\d+) ignored)?/g)].at(-1);
  if (!counts) return undefined;
  return { passed: Number(counts[1]), failed: Number(counts[2]), ignored: Number(counts[3] ?? 0) };
}

const HELP = `usage: deno task test [FILE…] [flags of deno test]

Runs all tests, about 15 minutes on two cores that have nothing else to do, or those of the files named, and ends with their numbers.
deno test --help lists the flags, such as --filter TEXT and --fail-fast.`;

/** The test files below a folder, sorted. */
async function testFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await testFiles(`${folder}${name}/`));
    else if (name.endsWith("_test.ts")) found.push(folder + name);
  }
  return found.sort();
}

/** Runs deno test, shows what it says, and counts; undefined counts where it ended without its closing line. */
async function test(args: string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...args],
    env: { INIT_CWD: ".", NO_COLOR: "1", DENO_JOBS: String(Math.min(4, navigator.hardwareConcurrency)) },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    output += decoder.decode(chunk, { stream: true });
  }
  const { code } = await child.status;
  return { code, counts: countTests(output) };
}

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const all = await testFiles(TESTS),
    files = args.filter((name, k) => args[k - 1] !== "--filter" && /\.ts$|\/$/.test(name));
  for (const file of files) {
    if (await Deno.stat(file).then(() => true, () => false)) continue;
    console.error(`error: Cannot run ${file}: no such file or folder`);
    return 1;
  }
  // Types are checked once, here: deno test would check them anew for every worker that a test starts.
  const check = ["check", "-q", ...(files.length ? files : [TESTS])];
  const types = await new Deno.Command(Deno.execPath(), { args: check, stdout: "inherit", stderr: "inherit" }).output();
  if (!types.success) return types.code;
  const flags = args.filter((word) => !files.includes(word));
  const passes = files.length
    ? [args]
    : [["--parallel", ...flags, ...all.filter((f) => !ALONE.test(f))], [...flags, ...all.filter((f) => ALONE.test(f))]];
  let passed = 0, failed = 0, ignored = 0, worst = 0;
  for (const words of passes) {
    const { code, counts } = await test(words);
    if (!counts) {
      console.error("error: Cannot count the tests: deno test ended without its closing line");
      return code || 1;
    }
    passed += counts.passed, failed += counts.failed, ignored += counts.ignored, worst ||= code;
    if (code && flags.includes("--fail-fast")) break;
  }
  console.log(`${passed} passed, ${failed} failed${ignored ? `, ${ignored} skipped` : ""}`);
  return worst;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
