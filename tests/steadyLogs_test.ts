import { randomStream } from "../core/random/stream.ts";
import { BLUR, findDrops, type Stretches } from "../reports/logs/drops.ts";
import { stepBeside } from "../reports/logs/stepBeside.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { record } from "./reliability/record.ts";

/** Logs that are made; a thousand gave none and 99 %, in ten times the time. */
const LOGS = 150;
/** Iterations between two lines of a log, and the least fall that counts. */
const EVERY = 20, LEAST = 0.02;

/** A loss that falls as training goes on, with noise; and, where that is wanted, a step of 3 % or more, five times the noise. */
function simulated(seed: number, steps: boolean): { stretches: Stretches; at: number } {
  const random = randomStream(seed, "test"),
    between = (low: number, high: number) => low + (high - low) * random.uniform();
  const iterations = Math.round(50 * 40 ** random.uniform()),
    epochs = 10 + random.integer(60),
    noise = between(0, 0.03);
  const length = between(1, 21), floor = between(0.1, 0.6), height = between(0, 0.8);
  const at = epochs * between(0.3, 0.8), fall = steps ? Math.max(0.03, 5 * noise) + between(0, 0.2) : 0;
  const stretches: Stretches = { from: [], to: [], value: [], blur: BLUR.median };
  const line = (epoch: number) => {
    const smooth = floor + height * Math.exp(-epoch / length);
    stretches.from.push(stretches.to.at(-1) ?? 0);
    stretches.to.push(epoch);
    stretches.value.push(smooth * (epoch > at ? 1 - fall : 1) * (1 + noise * random.normal()));
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    // The first iteration, every so many, and the last one: lines stand close together at an epoch's end.
    for (let k = 0; k < iterations; k += EVERY) line(epoch + k / iterations);
    if ((iterations - 1) % EVERY > 0) line(epoch + (iterations - 1) / iterations);
  }
  return { stretches, at };
}

Deno.test("findDrops() finds none in steady logs of 50 to 2,000 iterations an epoch, and nearly all steps", async () => {
  const seeds = Array.from({ length: LOGS }, (_, seed) => seed);
  const steady = seeds.filter((seed) => findDrops(simulated(seed, false).stretches, LEAST).length > 0);
  assertEqual(steady, [], "steady logs with drops");
  const found = seeds.filter((seed) => {
    const { stretches, at } = simulated(seed, true);
    return findDrops(stretches, LEAST).some(({ epoch }) => Math.abs(epoch - at) < 1);
  });
  // Seven of 800 were missed: a step of five times the noise is told from none by a t of 8, and chance takes off three.
  assertTrue(found.length >= 0.97 * LOGS, `${found.length} of ${LOGS}`);
  await record("steady-logs", {
    promise: "A freeze is found in a log where the loss falls at once, at any spacing of lines, and nowhere else",
    how:
      "simulated logs: 50 to 2,000 iterations an epoch, noise of 0 to 3 %, with and without a step of five times the noise",
    count: `${LOGS} steady logs: no drop; ${LOGS} with one: ${found.length} found`,
  });
});

Deno.test("stepBeside() gives the step of a curve with one, at uneven places, and 0 for a curve alone", () => {
  const x = [0, 0.2, 0.4, 0.8, 0.99, 1, 1.2, 1.4, 1.8, 1.99], curve = (at: number) => 3 - 2 * at + 0.5 * at * at;
  const { height, scatter } = stepBeside(x, x.map((at, k) => curve(at) - (k > 4 ? 0.25 : 0)), 4);
  assertAlmostEqual(height, 0.25, 1e-9);
  assertAlmostEqual(scatter, 0, 1e-9);
  assertAlmostEqual(stepBeside(x, x.map(curve), 4).height, 0, 1e-9);
});
