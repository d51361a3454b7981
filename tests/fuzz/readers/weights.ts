import { join } from "node:path";
import fc from "fast-check";
import { writeSafetensors } from "../../../core/safetensors/write.ts";
import { loadWeights } from "../../../training/weights/load.ts";
import { assertEqual } from "../../assert.ts";
import { fuzzReader } from "../reader.ts";

const WIDTH = 4;
/** Shapes of an encoder of one block under timm's names, for images of 4 x 4 pixels. */
const SHAPES: Record<string, number[]> = {
  cls_token: [1, 1, WIDTH],
  pos_embed: [1, 5, WIDTH],
  "patch_embed.proj.weight": [WIDTH, 3, 2, 2],
  "patch_embed.proj.bias": [WIDTH],
  ...Object.fromEntries(
    [["norm1", []], ["norm2", []], ["attn.qkv", [12, 4]], ["attn.proj", [4, 4]], ["mlp.fc1", [8, 4]], ["mlp.fc2", [
      4,
      8,
    ]]]
      .flatMap(([name, shape]) => {
        const weight = shape.length > 0 ? shape as number[] : [WIDTH];
        return [[`blocks.0.${name}.weight`, weight], [`blocks.0.${name}.bias`, [weight[0]]]];
      }),
  ),
};
const NAMES = Object.keys(SHAPES);
/** What may be put before names or into them. */
const PREFIXES = [
  "module.",
  "_orig_mod.",
  "model.",
  "encoder.",
  "backbone.",
  "teacher.",
  "x.",
  ".",
  "\x1b[2J",
];
/** Tensors that may stand beside. */
const BESIDE = [
  "head.weight",
  "decoder.0.x",
  "mask_token",
  "reg_token",
  "rope.freqs",
  "blocks.0.ls1.gamma",
  "a\nb",
  "",
];
const BESIDE_ENCODER = new Set(["head.weight", "decoder.0.x", "mask_token", "blocks.0.ls1.gamma"]);

/** Something that is there once in seven times. */
const rarely = <T, N>(some: fc.Arbitrary<T>, none: N) =>
  fc.oneof({ arbitrary: fc.constant(none), weight: 6 }, { arbitrary: some, weight: 1 });

/** A file of weights: how names are changed, what is left out or put beside, and how it is read. */
const input = fc.record({
  prefixes: fc.array(fc.oneof(fc.constantFrom(...PREFIXES.slice(0, 5)), fc.constantFrom(...PREFIXES)), {
    maxLength: 3,
  }),
  only: rarely(fc.nat(NAMES.length - 1), null),
  inside: fc.boolean(),
  missing: rarely(fc.constantFrom(...NAMES), null),
  beside: fc.uniqueArray(fc.constantFrom(...BESIDE), { maxLength: 2 }),
  value: fc.constantFrom(1, 1, 1, 1, 1, NaN, -Infinity),
  key: rarely(fc.constantFrom("teacher", "x", "module", ""), undefined),
  encoderOnly: fc.boolean(),
});

/**
 * Encoders behind prefixes. What is accepted has every tensor of the encoder with its values, and what is left out is counted:
 * nothing of an encoder vanishes.
 */
export const weights = fuzzReader("weights", 3, (folder) => ({
  inputs: input,
  async read({ prefixes, only, inside, missing, beside, value, key, encoderOnly }) {
    const path = join(folder, "x.safetensors"), prefix = prefixes.join("");
    const kept = NAMES.filter((name) => name !== missing), tensors = new Map<string, Float32Array>();
    kept.forEach((name, k) => {
      const own = inside ? name.replace("blocks.0.", "blocks.0._orig_mod.") : name;
      const size = SHAPES[name].reduce((a, b) => a * b),
        data = new Float32Array(size).map((_, n) => value + k + n / 64);
      tensors.set(only === null || only === k ? prefix + own : own, data);
    });
    const shapes = new Map([...tensors.keys()].map((name, k) => [name, SHAPES[kept[k]]]));
    for (const name of beside) {
      tensors.set(prefix + name, new Float32Array(WIDTH).fill(2));
      shapes.set(prefix + name, [WIDTH]);
    }
    const file = [...tensors].map(([name, data]) =>
      [name, { dtype: "F32" as const, shape: shapes.get(name)!, data }] as const
    );
    await Deno.writeFile(path, writeSafetensors(file));
    const dict = key === undefined ? {} : { key };
    const loaded = await loadWeights(path, {
      heads: 2,
      encoderOnly,
      dict,
      ...(missing === "pos_embed" && { imageSize: 4 }),
    });
    assertEqual([...loaded.tensors.keys()].sort(), kept.toSorted());
    assertEqual(beside.filter((name: string) => !BESIDE_ENCODER.has(name)), [], "nothing strange is left out");
    for (const [k, name] of kept.entries()) {
      // The factors of LayerScale are 2.
      const factor = beside.includes("blocks.0.ls1.gamma") && name.startsWith("blocks.0.attn.proj.") ? 2 : 1;
      const found = loaded.tensors.get(name)!.data;
      assertEqual([Number(found[0]), found.length], [factor * (value + k), SHAPES[name].reduce((a, b) => a * b)], name);
    }
  },
}), true);
