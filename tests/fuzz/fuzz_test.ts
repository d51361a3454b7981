import { assertEqual, assertTrue } from "../assert.ts";
import { record } from "../reliability/record.ts";
import type { Fuzzed } from "./main.ts";
import { READERS } from "./readers.ts";

/** Inputs of all readers together; FUZZ_INPUTS=12000 takes some minutes. */
const INPUTS = Number(Deno.env.get("FUZZ_INPUTS") ?? 2000);
/** Inputs of each reader whose data are put together, in a long run. */
const LONG = 12_000, LEAST = 2000;
/** What a process may hold, the runtime and its libraries included, which take 90 MiB before they read anything. */
const MOST_MIB = 768;
/** After so long, far beyond what all inputs take together, a reader hangs. */
const DEADLINE = 60_000 + 200 * INPUTS;

const shares = READERS.reduce((sum, { share }) => sum + share, 0);

let total = 0;

for (const { name, share, often } of READERS) {
  Deno.test(`fuzzing: ${name}: a right answer or a UserError, whatever the bytes, in bounded time and memory`, async () => {
    const inputs = Math.max(Math.ceil(INPUTS * share / shares), often && INPUTS >= LONG ? LEAST : 0);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("main.ts", import.meta.url).pathname, name, String(inputs)],
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(DEADLINE),
    }).output();
    assertEqual(code, 0, `${name}, of ${inputs} inputs: ${new TextDecoder().decode(stderr)}`);
    const fuzzed: Fuzzed = JSON.parse(new TextDecoder().decode(stdout));
    const { accepted, refused, slowestSeconds, peakMiB } = fuzzed;
    const peak = peakMiB === null ? "" : `, at most ${peakMiB.toFixed(0)} MiB`;
    const took = `slowest ${(1000 * slowestSeconds).toFixed(0)} ms${peak}`;
    console.log(`${name.padEnd(12)} ${fuzzed.inputs} inputs: ${accepted} accepted, ${refused} refused; ${took}`);
    assertEqual(fuzzed.inputs, inputs);
    assertTrue(accepted > 0 && refused > 0, "inputs that are all right or all wrong test nothing");
    total += fuzzed.inputs;
    assertTrue(peakMiB === null || peakMiB < MOST_MIB, `${name} held ${peakMiB} MiB, want less than ${MOST_MIB}`);
  });
}

Deno.test("fuzzing: no reader was left out", async () => {
  assertTrue(total >= INPUTS, `${total} inputs, want ${INPUTS}`);
  await record("fuzz", {
    promise: "Whatever a file or a command line holds: a right answer or one line that says what is wrong",
    how: `generated and damaged inputs of ${READERS.length} readers (${READERS.map(({ name }) => name).join(", ")}), ` +
      `each within 2 s and ${MOST_MIB} MiB`,
    count: `${total} inputs`,
  });
});
