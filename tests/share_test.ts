import fc from "fast-check";
import { type GlobalBatch, groupsOf, shareOf } from "../core/parallel/share.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

/** Whole numbers from 0 on. */
const upTo = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i);
const sorted = (values: number[]) => values.toSorted((a, b) => a - b);

/** The places of every pass of every rank in one step: [rank][pass]. */
function dealt(global: GlobalBatch, size: number, accum: number | undefined, step = 0): number[][][] {
  return upTo(size).map((rank) => {
    const { passes, places } = shareOf(global, rank, size, accum);
    return upTo(passes).map((pass) => [...places(step * passes + pass)]);
  });
}

const gcd = (a: number, b: number): number => b === 0 ? a : gcd(b, a % b);

/** A global batch of even groups that `size` ranks share in `accum` passes of even size, with a step of the epoch. */
const deals = fc.record({
  size: fc.integer({ min: 1, max: 6 }),
  accum: fc.integer({ min: 1, max: 4 }),
  accumulation: fc.integer({ min: 1, max: 5 }),
  factor: fc.integer({ min: 1, max: 4 }),
  step: fc.nat(5),
}).map(({ size, accum, accumulation, factor, step }) => {
  const total = size * accum, batch = 2 * factor * total / gcd(total, accumulation);
  return { global: { batch, accumulation }, size, accum, step };
});

Deno.test("shareOf() deals out every image of a step once, in passes of the same size with ascending places", () => {
  fc.assert(fc.property(deals, ({ global, size, accum, step }) => {
    const all = global.batch * global.accumulation, passes = dealt(global, size, accum, step).flat();
    assertEqual(sorted(passes.flat()), upTo(all, step * all));
    assertEqual(passes.map(({ length }) => length), passes.map(() => all / (size * accum)));
    for (const places of passes) assertEqual(places, sorted(places));
    for (let rank = 0; rank < size; rank++) {
      const { passes, images, total } = shareOf(global, rank, size, accum);
      assertEqual([passes, images, total], [accum, all / (size * accum), size * accum]);
    }
  }));
});

Deno.test("shareOf() keeps an image and its mirror image in the group together, in passes of even size", () => {
  let split = 0;
  fc.assert(fc.property(deals, ({ global, size, accum, step }) => {
    const { batch } = global, passes = dealt(global, size, accum, step).flat();
    for (const places of passes) {
      const pass = new Set(places);
      for (const place of places) {
        const within = place % batch, partner = place - within + batch - 1 - within;
        assertTrue(pass.has(partner), `${place} without ${partner} in ${places}`);
      }
    }
    if (passes[0].length < batch) split++;
  }));
  assertTrue(split > 10, `only ${split} deals split a group`);
});

Deno.test("groupsOf() lists the ends of what a pass has of each group, so that the reverse order is the partners'", () => {
  fc.assert(fc.property(deals, ({ global, size, accum, step }) => {
    const { batch } = global;
    for (const places of dealt(global, size, accum, step).flat()) {
      const groups = groupsOf(places, batch);
      // One after another they cover the pass, and each belongs to another group.
      assertEqual(groups.map(({ from }) => from), [0, ...groups.slice(0, -1).map(({ to }) => to)]);
      assertEqual(groups.at(-1)!.to, places.length);
      assertEqual(groups.map(({ first }) => first), [...new Set(places.map((place) => place - place % batch))]);
      for (const { first, from, to } of groups) {
        const part = places.slice(from, to);
        part.forEach((place, i) => assertEqual(part[part.length - 1 - i], 2 * first + batch - 1 - place));
      }
    }
  }));
});

Deno.test("shareOf() gives whole groups in their order where there are as many passes as groups, or one process alone", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 9 }), // odd batches too
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.nat(3),
    (batch, size, accum, step) => {
      const global = { batch, accumulation: size * accum }, first = step * global.accumulation;
      const groups = upTo(global.accumulation).map((group) => upTo(batch, (first + group) * batch));
      assertEqual(dealt(global, size, accum, step).flat(), groups);
      assertEqual(dealt(global, size, undefined, step).flat(), groups);
      assertEqual(dealt(global, 1, undefined, step).flat(), groups);
    },
  ));
});

Deno.test("shareOf() gives passes the same images whichever ranks make them", () => {
  fc.assert(fc.property(deals, ({ global, size, accum, step }) => {
    const alone = dealt(global, 1, size * accum, step).flat();
    assertEqual(dealt(global, size, accum, step).flat(), alone);
    assertEqual(dealt(global, size * accum, 1, step).flat(), alone);
  }));
});

Deno.test("shareOf() lists a group from its two ends: 4 ranks of one group of 16, 3 passes of two groups of 6", () => {
  assertEqual(dealt({ batch: 16, accumulation: 1 }, 4, undefined), [
    [[0, 1, 14, 15]],
    [[2, 3, 12, 13]],
    [[4, 5, 10, 11]],
    [[6, 7, 8, 9]],
  ]);
  assertEqual(dealt({ batch: 6, accumulation: 2 }, 1, 3, 1), [[[12, 13, 16, 17], [14, 15, 18, 23], [19, 20, 21, 22]]]);
  assertEqual(groupsOf([14, 15, 18, 23], 6), [{ first: 12, from: 0, to: 2 }, { first: 18, from: 2, to: 4 }]);
  assertEqual(groupsOf([], 6), []);
});

Deno.test("shareOf() without accum deals out groups where they are a multiple of the ranks, else each group", () => {
  const of = (batch: number, accumulation: number, size: number) => {
    const { passes, images, total } = shareOf({ batch, accumulation }, 0, size);
    return [passes, images, total];
  };
  assertEqual(of(8, 1, 1), [1, 8, 1]);
  assertEqual(of(8, 3, 1), [3, 8, 3]);
  assertEqual(of(8, 4, 2), [2, 8, 4]);
  assertEqual(of(8, 4, 4), [1, 8, 4]);
  assertEqual(of(8, 1, 2), [1, 4, 2]);
  assertEqual(of(8, 3, 2), [3, 4, 6]);
  assertEqual(of(16, 2, 8), [2, 2, 16]);
});

Deno.test("shareOf() refuses what cannot be shared evenly, in one line", async () => {
  const refusals: [Parameters<typeof shareOf>, string][] = [
    [
      [{ batch: 8, accumulation: 1 }, 0, 3],
      "Cannot share 8 x 1 images among 3 ranks: 8 is no multiple of 3, want another number of ranks, --accum or batch",
    ],
    [
      [{ batch: 8, accumulation: 2 }, 1, 3, 2],
      "Cannot share 8 x 2 images among 3 ranks of 2 passes: 16 is no multiple of 6, " +
      "want another number of ranks, --accum or batch",
    ],
    [
      [{ batch: 8, accumulation: 1 }, 0, 1, 3],
      "Cannot share 8 x 1 images among 3 passes: 8 is no multiple of 3, want another number of ranks, --accum or batch",
    ],
    [
      [{ batch: 4, accumulation: 1 }, 0, 8],
      "Cannot share 4 x 1 images among 8 ranks: 4 is no multiple of 8, want another number of ranks, --accum or batch",
    ],
  ];
  for (const [args, message] of refusals) {
    assertEqual(await assertRejects(() => shareOf(...args), "Cannot share"), message);
  }
});
