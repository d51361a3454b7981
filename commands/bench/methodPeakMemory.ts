// Trains a few steps and prints the process's peak memory in bytes; Linux only. Arguments: threads, images, name of a case.
import { METHOD_CASES } from "./methodCases.ts";
import { MethodTrainer } from "./methodTrainer.ts";
import { peakBytes } from "./peakMemory.ts";

/** Steps after which the peak has been reached. */
const STEPS = 2;

const [threads, images, name] = Deno.args;
const { config } = METHOD_CASES.find((found) => found.name === name)!;
using trainer = await MethodTrainer.create(config, Number(threads), Number(images));
for (let i = 0; i < STEPS; i++) await trainer.once();
console.log(peakBytes(await Deno.readTextFile("/proc/self/status")));
