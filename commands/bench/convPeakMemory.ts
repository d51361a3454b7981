// Trains a few steps and prints the process's peak memory in bytes; Linux only. Arguments: threads, name of a case.
import { CONV_CASES, ConvTrainer } from "./convTrainer.ts";
import { peakBytes } from "./peakMemory.ts";

/** Steps after which the peak has been reached. */
const STEPS = 3;

const [threads, name] = Deno.args;
using trainer = await ConvTrainer.create(CONV_CASES.find((found) => found.name === name)!, Number(threads));
for (let i = 0; i < STEPS; i++) await trainer.once();
console.log(peakBytes(await Deno.readTextFile("/proc/self/status")));
