import { assertAlmostEqual, assertEqual } from "./assert.ts";
import { philoxInto } from "../core/random/philox.ts";
import { randomStream } from "../core/random/stream.ts";

Deno.test("philoxInto() gives the known-answer vectors of the Random123 distribution", () => {
  const words = (...[c0, c1, c2, c3, k0, k1]: number[]) => {
    const out = [0, 0, 0, 0];
    philoxInto(out, c0, c1, c2, c3, k0, k1);
    return out.map((word) => word.toString(16).padStart(8, "0")).join(" ");
  };
  assertEqual(words(0, 0, 0, 0, 0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  const ones = 0xffffffff;
  assertEqual(words(ones, ones, ones, ones, ones, ones), "408f276d 41c83b0e a20bc7c6 6d5451fd");
  const pi = words(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);
  assertEqual(pi, "d16cfe09 94fdcceb 5001e420 24126ea1");
});

Deno.test("randomStream() depends on seed, purpose and position, and on nothing else", () => {
  const first = (seed: number, ...position: number[]) => randomStream(seed, "mask", ...position).uint32();
  assertEqual(first(1, 2, 3), first(1, 2, 3));
  const others = [first(2, 2, 3), first(1, 3, 3), first(1, 2, 4), randomStream(1, "augment", 2, 3).uint32()];
  for (const other of others) assertEqual(other === first(1, 2, 3), false);
});

Deno.test("randomStream() draws with the moments of the named distributions", () => {
  const random = randomStream(7, "test");
  const n = 20000;
  let normal = 0, square = 0, beta = 0;
  for (let i = 0; i < n; i++) {
    const x = random.normal();
    normal += x / n;
    square += x * x / n;
    beta += random.beta(0.8, 0.8) / n;
  }
  // Four standard errors of the mean of n draws: 4/sqrt(n) = 0.028 for a normal, less for the bounded beta.
  assertAlmostEqual(normal, 0, 0.028);
  assertAlmostEqual(square, 1, 0.04);
  assertAlmostEqual(beta, 0.5, 0.01);
});

Deno.test("randomStream().beta() of a small alpha is 0 or 1 or between, never NaN, and 1/2 on average", () => {
  for (const alpha of [1e-6, 1e-3, 0.01, 0.1]) {
    const random = randomStream(9, "mixup"),
      n = 4000,
      draws = Array.from({ length: n }, () => random.beta(alpha, alpha));
    assertEqual(draws.filter((draw) => !(draw >= 0 && draw <= 1)), [], `alpha ${alpha}`);
    // Nearly all lie at the ends: a standard error of 0.5 / sqrt(n) = 0.008; five of them.
    assertAlmostEqual(draws.reduce((sum, draw) => sum + draw / n, 0), 0.5, 0.04);
    // P(x < 1e-9) = (1e-9)^alpha / 2 for small alpha: 0.5, 0.49, 0.41, 0.06.
    const low = draws.filter((draw) => draw < 1e-9).length / n;
    assertAlmostEqual(low, (1e-9) ** alpha / 2, 0.04, `alpha ${alpha}, below 1e-9`);
  }
});

Deno.test("randomStream().beta() is a number at the ends of what alpha can be: 0 or 1 for the least, 1/2 for the largest", () => {
  const random = randomStream(9, "mixup"), n = 400;
  for (const alpha of [5e-324, 1e-310, 1e-300, 1e-100]) {
    const draws = Array.from({ length: n }, () => random.beta(alpha, alpha));
    assertEqual([...new Set(draws)].sort(), [0, 1], `alpha ${alpha}`);
    // Five standard errors of 0.5 / sqrt(n).
    assertAlmostEqual(draws.reduce((sum, draw) => sum + draw / n, 0), 0.5, 0.125, `alpha ${alpha}`);
  }
  for (const alpha of [1e20, 1e300, 1e308, Number.MAX_VALUE]) {
    // The spread of beta(a, a) is 1 / sqrt(8 a): 3.5e-11 at most.
    assertAlmostEqual(random.beta(alpha, alpha), 0.5, 1e-9, `alpha ${alpha}`);
  }
});

Deno.test("randomStream().permutation() holds every index once", () => {
  const order = [...randomStream(3, "shuffle", 1).permutation(100)];
  assertEqual([...order].sort((a, b) => a - b).join(), Array.from({ length: 100 }, (_, i) => i).join());
  assertEqual(order.join() === [...order].sort((a, b) => a - b).join(), false);
});

Deno.test("randomStream().choice() holds every index once, and each as often among the first", () => {
  const first = new Float64Array(10), draws = 4000;
  for (let step = 0; step < draws; step++) {
    const order = randomStream(3, "mask", step).choice(10, 3);
    assertEqual([...order].sort((a, b) => a - b), [...Array(10).keys()]);
    order.subarray(0, 3).forEach((index) => first[index] += 1 / draws);
  }
  // Four standard errors: 4 * sqrt(0.3 * 0.7 / 4000) = 0.029.
  first.forEach((share, index) => assertAlmostEqual(share, 0.3, 0.029, `index ${index}`));
  assertEqual([...randomStream(3, "mask", 1).choice(5, 0)], [0, 1, 2, 3, 4]);
});

Deno.test("randomStream().shuffle() swaps by the integers of its stream, between its two places alone", () => {
  for (let seed = 0; seed < 50; seed++) {
    const list = Int32Array.from({ length: 40 }, (_, i) => 100 + i), expected = list.slice();
    const random = randomStream(seed, "test"), integers = randomStream(seed, "test");
    random.shuffle(list, 5, 33, 20);
    for (let i = 5; i < 25; i++) {
      const j = i + integers.integer(33 - i);
      [expected[i], expected[j]] = [expected[j], expected[i]];
    }
    assertEqual(list, expected);
    assertEqual(random.uint32(), integers.uint32());
  }
});

Deno.test("randomStream().integer() is the remainder of the word that it draws, at the largest numbers, too", () => {
  for (const n of [3, 196, 65537, 2 ** 31 - 1, 2 ** 31 + 11, 2 ** 32 - 5, 2 ** 32]) {
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (let k = 0; k < 200; k++) {
      const words = randomStream(4, "test", k);
      let word = words.uint32();
      while (word >= limit) word = words.uint32();
      assertEqual(randomStream(4, "test", k).integer(n), word % n, `${n}, ${word}`);
    }
  }
});
