// A rank that does not do what it should: tests start it under a launcher, with the name of a misdeed of rank 1.

import { interruptSignal } from "../cli/interrupt.ts";
import { runRanked } from "../distributed/main.ts";
import { UserError } from "../core/errors.ts";

const MISDEEDS: Record<string, () => unknown> = {
  none: () => {},
  exit0: () => Deno.exit(0),
  exit3: () => Deno.exit(3),
  throw: () => {
    throw new TypeError("a mistake in the program");
  },
  mistake: () => {
    throw new UserError("Cannot read image 7: it is no image");
  },
  reject: () => void Promise.reject(new TypeError("nobody waits for this")),
  forget: () => new Promise(() => {}), // signal listeners keep the event loop alive: it waits for ever
  loop: () => {
    while (true);
  },
};

if (import.meta.main) {
  await runRanked(async ([misdeed, timeout = "4"], job) => {
    const ranks = await job.join({ timeout: Number(timeout), interrupt: interruptSignal() });
    console.log(`rank ${ranks.rank} of ${ranks.size}`);
    await ranks.sum("the start");
    if (ranks.rank === 1) await MISDEEDS[misdeed]();
    const values = new Float32Array(new ArrayBuffer(4e6)).fill(ranks.rank + 1);
    const [sum] = await ranks.sum("the middle", [ranks.rank + 0.5]);
    await ranks.reduce(values);
    if (ranks.rank === 0) console.log(`sums ${sum} ${values[0]} ${values.at(-1)} ${ranks.library}`);
  });
}
