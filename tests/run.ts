// Runs all tests and ends with a plain line "N passed, N failed".
//
//   deno task test [names of test files or deno test flags]

const TESTS = new URL(".", import.meta.url).pathname;

/** The counts of deno's closing line, e.g. "ok | 12 passed (3 steps) | 1 failed | 2 ignored (3s)". */
export function countTests(output: string): { passed: number; failed: number; ignored: number } | undefined {
  const counts = [...output.matchAll(/\| (\d+) passed.*?\| (\d+) failed(?:.*?\| (\d+) ignored)?/g)].at(-1);
  if (!counts) return undefined;
  return { passed: Number(counts[1]), failed: Number(counts[2]), ignored: Number(counts[3] ?? 0) };
}

const HELP = `usage: deno task test [FILE…] [flags of deno test]

Runs all tests, up to half an hour on two cores, or those of the files named, and ends with their numbers.
deno test --help lists the flags, such as --filter TEXT and --fail-fast.`;

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const targets = args.length ? args : [TESTS], files = targets.filter((name) => /\.ts$|\/$/.test(name));
  // Types are checked once, here: deno test would check them anew for every worker that a test starts.
  const check = ["check", "-q", ...(files.length ? files : [TESTS])];
  const types = await new Deno.Command(Deno.execPath(), { args: check, stdout: "inherit", stderr: "inherit" }).output();
  if (!types.success) return types.code;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...targets],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    output += decoder.decode(chunk, { stream: true });
  }
  const { code } = await child.status, counts = countTests(output);
  if (!counts) {
    console.error("error: Cannot count the tests: deno test ended without its closing line");
    return code || 1;
  }
  const { passed, failed, ignored } = counts;
  console.log(`${passed} passed, ${failed} failed${ignored ? `, ${ignored} skipped` : ""}`);
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
