import { sizeOf } from "../../../core/engine/program.ts";
import { readSafetensors } from "../../../core/safetensors/read.ts";
import type { SafetensorsFile, Tensor } from "../../../core/safetensors/tensor.ts";
import { writeSafetensors } from "../../../core/safetensors/write.ts";
import { assertEqual } from "../../assert.ts";
import { mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

const weight: Tensor = { dtype: "F32", shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i / 3) };
const samples = [
  writeSafetensors([["blocks.0.weight", weight], ["norm", { ...weight, shape: [12] }]], { format: "vitfreeze" }),
  writeSafetensors([
    ["half", { dtype: "F16", shape: [2], data: Float32Array.of(1, -2) }],
    ["brain", { dtype: "BF16", shape: [2], data: Float32Array.of(1, -2) }],
    ["long", { dtype: "I64", shape: [], data: BigInt64Array.of(-7n) }],
    ["none", { dtype: "U8", shape: [0, 5], data: new Uint8Array() }],
  ]),
  writeSafetensors([]),
];

/** Tensors in order of their names, elements as numbers: a NaN is a NaN, whatever its bits. */
function plain({ tensors }: Pick<SafetensorsFile, "tensors">) {
  const sorted = [...tensors].sort(([a], [b]) => a < b ? -1 : 1);
  return sorted.map(([name, { dtype, shape, data }]) => [name, dtype, shape, [...data]]);
}

/** Model weights. What is accepted must be whole, and be written and read back as the same. */
export const safetensors = fuzzReader("safetensors", 3, () => ({
  inputs: mutants(samples.length),
  read(mutant) {
    const { tensors, metadata } = readSafetensors(mutate(samples, mutant));
    for (const { data, shape } of tensors.values()) assertEqual(data.length, sizeOf(shape));
    const again = readSafetensors(writeSafetensors(tensors, metadata));
    assertEqual(plain(again), plain({ tensors }));
    assertEqual(Object.entries(again.metadata).sort(), Object.entries(metadata).sort());
  },
}));
