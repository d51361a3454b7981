import fc from "fast-check";
import { Arena } from "../core/engine/arena.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { type Bucket, BUCKET_BYTES, bucketsOf, type Stretch } from "../core/parallel/buckets.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { TINY } from "./engineTools.ts";

const place = ({ offset, floats }: Stretch) => ({ offset, floats });
const ends = ({ offset, floats }: Stretch) => [offset, offset + 4 * floats];
const bytesOf = (stretches: readonly Stretch[]) => 4 * stretches.reduce((sum, { floats }) => sum + floats, 0);

/** Tensors that lie one behind the other from a multiple of 64 bytes on; those that are frozen are left out. */
const layouts = fc.record({
  tensors: fc.array(fc.record({ lines: fc.integer({ min: 1, max: 20 }), live: fc.boolean() }), { maxLength: 30 }),
  start: fc.nat(100),
  limit: fc.integer({ min: 1, max: 2000 }),
  shuffle: fc.nat(),
}).map(({ tensors, start, limit, shuffle }) => {
  let offset = 64 * start;
  const placed = tensors.map(({ lines, live }, k) => {
    const tensor = { name: `t${k}`, live, offset, floats: 16 * lines };
    offset += 64 * lines;
    return tensor;
  });
  const live = placed.filter((tensor) => tensor.live);
  const given = live.map((_, i) => live[(i + shuffle) % live.length]);
  return { placed, live, given, limit };
});

/** Every line of 64 bytes that stretches cover. */
const lines = (stretches: readonly Stretch[]) =>
  stretches.flatMap(({ offset, floats }) => Array.from({ length: floats / 16 }, (_, k) => offset + 64 * k));

Deno.test("bucketsOf() covers each tensor once, in order of memory, and no byte of what is not named", () => {
  fc.assert(fc.property(layouts, ({ live, given, limit }) => {
    const buckets = bucketsOf(given, place, limit);
    assertEqual(buckets.flatMap(({ items }) => items), live);
    assertEqual(buckets.flatMap(({ stretches }) => lines(stretches)), lines(live));
    for (const { items, stretches } of buckets) assertEqual(lines(stretches), lines(items));
  }));
});

Deno.test("bucketsOf() makes one stretch of neighbours, and another behind every gap", () => {
  let gaps = 0;
  fc.assert(fc.property(layouts, ({ given, limit }) => {
    for (const { items, stretches } of bucketsOf(given, place, limit)) {
      const touching = items.filter((tensor, k) => k > 0 && ends(items[k - 1])[1] === tensor.offset).length;
      assertEqual(stretches.length, items.length - touching);
      gaps += stretches.length - 1;
    }
  }));
  assertTrue(gaps > 10, `only ${gaps} gaps`);
});

Deno.test("bucketsOf() fills a bucket up to its limit and no further than the tensor that reaches it", () => {
  fc.assert(fc.property(layouts, ({ given, limit }) => {
    const buckets = bucketsOf(given, place, limit);
    buckets.forEach(({ items, stretches }, k) => {
      assertTrue(bytesOf(stretches) - bytesOf(items.slice(-1)) < limit, "the last tensor came into a full bucket");
      if (k + 1 < buckets.length) assertTrue(bytesOf(stretches) >= limit, "a bucket that is not full has a next one");
    });
  }));
});

Deno.test("bucketsOf() gives a tensor larger than the limit a bucket of its own, undivided", () => {
  const sizes = [100, 100, 5000, 100, 100], at = (k: number) => sizes.slice(0, k).reduce((a, b) => a + b, 0);
  const tensors = sizes.map((floats, k) => ({ offset: 4 * at(k), floats }));
  const shape = (buckets: Bucket<Stretch>[]) => buckets.map(({ stretches }) => stretches.map(({ floats }) => floats));
  assertEqual(shape(bucketsOf(tensors, place, 800)), [[200], [5000], [200]]);
  // A bucket that still has room takes the next tensor, whatever its size.
  assertEqual(shape(bucketsOf(tensors, place, 801)), [[5200], [200]]);
  assertEqual(shape(bucketsOf(tensors, place)), [[5400]]);
  assertEqual(shape(bucketsOf(tensors.filter((_, k) => k !== 1 && k !== 3), place)), [[100, 5000, 100]]);
  assertEqual(bucketsOf([], place), []);
});

Deno.test("the gradients of a model are one stretch, and two behind a frozen layer", () => {
  const parameters = localMimParameters(TINY), arena = new Arena(parameters);
  const of = (names: string[]) =>
    bucketsOf(names, (name) => ({ offset: arena.address(name, "gradient"), floats: arena.padded(name) }));
  const names = arena.names(), all = of(names);
  const floats = (among: string[]) =>
    among.reduce((sum, name) => sum + Math.ceil(arena.view(name).length / 16) * 16, 0);
  assertEqual(BUCKET_BYTES, 33_554_432);
  assertEqual(all.map(({ stretches }) => stretches), [[{
    offset: arena.address(names[0], "gradient"),
    floats: floats(names),
  }]]);
  const block = names.filter((name) => name.startsWith("blocks.1.")), live = names.filter((n) => !block.includes(n));
  assertEqual(block.length, 12);
  const [{ stretches }] = of(live), first = names.indexOf(block[0]);
  assertEqual(stretches.map(({ floats }) => floats), [floats(names.slice(0, first)), floats(names.slice(first + 12))]);
  // The stretch behind it begins right where the block ends.
  assertEqual(stretches[1].offset, arena.address(block[0], "gradient") + 4 * floats(block));
});
