// Feeds one reader a number of inputs, and prints what came of it as JSON.
//
//   deno run -A tests/fuzz/main.ts READER INPUTS

import type { Tally } from "./reader.ts";
import { READERS } from "./readers.ts";

/** What a reader's own process prints. */
export interface Fuzzed extends Tally {
  /** The most memory that the process held, as Linux tells it; null elsewhere. */
  peakMiB: number | null;
}

function peakMiB(): number | null {
  if (Deno.build.os !== "linux") return null;
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"))![1];
  return Number(kib) / 1024;
}

async function main([name, inputs]: string[]): Promise<void> {
  const tally = await READERS.find((reader) => reader.name === name)!.run(Number(inputs));
  const fuzzed: Fuzzed = { ...tally, peakMiB: peakMiB() };
  console.log(JSON.stringify(fuzzed));
}

if (import.meta.main) await main(Deno.args);
