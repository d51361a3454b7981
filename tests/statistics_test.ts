import { estimate, tQuantile } from "../reports/judging/statistics.ts";
import { assertAlmostEqual, assertEqual } from "./assert.ts";

Deno.test("tQuantile() leaves 5 % of Student's t distribution outside", () => {
  for (const freedom of [2, 3, 5, 10, 30]) {
    const density = (t: number) => (1 + t * t / freedom) ** (-(freedom + 1) / 2);
    const middle = integral(density, -tQuantile(freedom), tQuantile(freedom));
    // The tails beyond 10,000 hold less than 1e-8 at 2 degrees of freedom, where they are thickest.
    const whole = integral((x) => density(Math.sinh(x)) * Math.cosh(x), -Math.asinh(1e4), Math.asinh(1e4));
    assertAlmostEqual(middle / whole, 0.95, 1e-6, `${freedom} degrees of freedom`);
  }
});

Deno.test("estimate() gives mean and 95 % interval from three values on", () => {
  assertEqual(estimate([4]), { n: 1, mean: 4, half: null });
  assertEqual(estimate([4, 6]), { n: 2, mean: 5, half: null });
  const { mean, half } = estimate([1, 2, 3]);
  // s = 1, so the half-width is 4.302653 / sqrt(3).
  assertEqual(mean, 2);
  assertAlmostEqual(half!, 2.484138, 1e-6);
});

/** Simpson's rule on 20,000 intervals. */
function integral(f: (x: number) => number, from: number, to: number): number {
  const n = 20_000, h = (to - from) / n;
  let sum = f(from) + f(to);
  for (let i = 1; i < n; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * h);
  return sum * h / 3;
}
