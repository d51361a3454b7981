import fc from "fast-check";
import { UserError } from "../core/errors.ts";
import { getTensor } from "../core/safetensors/get.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { repeatedKey } from "../core/safetensors/repeatedKey.ts";
import { sizeOf } from "../core/engine/program.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

/** A file from a header text and a number of data bytes. */
function raw(header: string, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(header), bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const shapes = fc.array(fc.nat(4), { maxLength: 3 });

function tensorOf(dtype: "F64" | "F32" | "I64" | "I32" | "U8" | "BOOL"): fc.Arbitrary<Tensor> {
  return shapes.chain((shape) => {
    const n = { minLength: sizeOf(shape), maxLength: sizeOf(shape) };
    const data = {
      F64: fc.float64Array(n),
      F32: fc.float32Array(n),
      I64: fc.bigInt64Array(n),
      I32: fc.int32Array(n),
      U8: fc.uint8Array(n),
      BOOL: fc.uint8Array({ ...n, max: 1 }),
    }[dtype];
    return data.map((values) => ({ dtype, shape, data: values }));
  });
}

const tensors = fc.dictionary(
  fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__"),
  fc.constantFrom("F64", "F32", "I64", "I32", "U8", "BOOL").chain((dtype) => tensorOf(dtype)),
);

Deno.test("readSafetensors() gives back what writeSafetensors() wrote, wherever the bytes lie in memory", () => {
  fc.assert(fc.property(
    tensors,
    fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })),
    fc.nat(7),
    (wanted, metadata, offset) => {
      const file = writeSafetensors(Object.entries(wanted), metadata);
      const shifted = new Uint8Array(file.length + offset).subarray(offset);
      shifted.set(file);
      const read = readSafetensors(shifted);
      assertEqual(Object.entries(read.metadata).sort(), Object.entries(metadata).sort());
      assertEqual([...read.tensors.keys()].sort(), Object.keys(wanted).sort());
      for (const [name, tensor] of read.tensors) assertEqual(tensor, wanted[name]);
    },
  ));
});

Deno.test("readSafetensors() keeps metadata and tensors that are named like JavaScript's own properties", () => {
  const metadata = Object.fromEntries([["__proto__", "p"], ["constructor", "c"]]);
  const tensor: Tensor = { dtype: "U8", shape: [1], data: Uint8Array.of(7) };
  const read = readSafetensors(writeSafetensors([["__proto__", tensor], ["toString", tensor]], metadata));
  assertEqual(Object.entries(read.metadata).sort(), [["__proto__", "p"], ["constructor", "c"]]);
  assertEqual([...read.tensors.keys()].sort(), ["__proto__", "toString"]);
});

Deno.test("writeSafetensors() gives the same bytes whatever the order, data on a multiple of 8", () => {
  const a: [string, Tensor] = ["a", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) }];
  const b: [string, Tensor] = ["10", { dtype: "F32", shape: [], data: Float32Array.of(1) }];
  const first = writeSafetensors([a, b], { kind: "x", by: "y" });
  assertEqual(first, writeSafetensors(new Map([b, a]), { by: "y", kind: "x" }));
  const header = '{"10":{"data_offsets":[0,4],"dtype":"F32","shape":[]},"__metadata__":{"by":"y","kind":"x"},' +
    '"a":{"data_offsets":[4,7],"dtype":"U8","shape":[3]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8, " ");
  const wanted = raw(padded, 7);
  wanted.set([0, 0, 0x80, 0x3f, 1, 2, 3], 8 + padded.length);
  assertEqual(first, wanted);
});

Deno.test("readSafetensors() widens F16 and BF16 exactly, writeSafetensors() rounds to nearest even", () => {
  // 1 + 2^-11 lies halfway between two halves and 1 + 2^-8 halfway between two brain floats: the even one is 1.
  const data = Float32Array.of(1, -2.5, 65504, NaN, Infinity, 1 + 2 ** -11, 1 + 3 * 2 ** -11);
  const brain = Float32Array.of(1, -2.5, 2 ** 120, NaN, Infinity, 1 + 2 ** -8, 1 + 3 * 2 ** -8);
  const read = readSafetensors(writeSafetensors([
    ["h", { dtype: "F16", shape: [7], data }],
    ["b", { dtype: "BF16", shape: [7], data: brain }],
  ])).tensors;
  assertEqual(read.get("h")!.data, Float32Array.of(1, -2.5, 65504, NaN, Infinity, 1, 1 + 2 ** -9));
  assertEqual(read.get("b")!.data, Float32Array.of(1, -2.5, 2 ** 120, NaN, Infinity, 1, 1 + 2 ** -6));
});

const entry = (begin: number, end: number) =>
  `{"dtype":"U8","shape":[${end - begin}],"data_offsets":[${begin},${end}]}`;

const broken: Record<string, [bytes: Uint8Array, message: string]> = {
  "no length": [Uint8Array.of(1, 2, 3), "Cannot read x: file has 3 bytes, want 8 for the header's length"],
  "header over 100 MB": [new Uint8Array(8).fill(1), "want at most 100000000"],
  "header behind the end": [raw("{}").subarray(0, 9), "header ends at byte 10, file has 9"],
  "empty header": [raw(""), "header begins with byte none, want 123 ('{')"],
  "header not an object": [raw(" {}"), "header begins with byte 32, want 123"],
  "header not JSON": [raw('{"a":}'), "header is not JSON in UTF-8: "],
  "header not UTF-8": [raw('{"a~":1}').map((byte) => byte === 126 ? 0xff : byte), "header is not JSON in UTF-8: "],
  "tensor twice": [raw(`{"a":${entry(0, 1)},"\\u0061":${entry(1, 2)}}`, 2), "header holds the key 'a' twice"],
  "field twice": [raw(`{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1), "key 'dtype' twice"],
  "metadata not strings": [raw('{"__metadata__":{"step":3}}'), "__metadata__ is broken at step: "],
  "negative length": [
    raw(`{"a":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}`, 1),
    "tensor 'a' has a broken header entry at shape.0: ",
  ],
  "offset not a whole number": [
    raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1.5]}}`, 1),
    "tensor 'a' has a broken header entry at data_offsets.1: ",
  ],
  "field missing": [raw(`{"a":{"dtype":"U8","shape":[1]}}`), "broken header entry at data_offsets: "],
  "field too many": [raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"b":1}}`), "broken header entry: "],
  "unknown dtype": [
    raw(`{"a":{"dtype":"toString","shape":[1],"data_offsets":[0,1]}}`, 1),
    "tensor 'a' has dtype toString, want one of F64, F32",
  ],
  "offsets unequal to the shape": [
    raw(`{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}}`, 20),
    "tensor 'a' has 20 bytes, want 24 for F32 [2, 3]",
  ],
  "hole": [
    raw(`{"a":${entry(0, 1)},"b":${entry(2, 3)}}`, 3),
    "tensor 'b' leaves a hole: it begins at byte 115, want 114",
  ],
  "overlap": [raw(`{"a":${entry(0, 2)},"b":${entry(1, 3)}}`, 3), "tensor 'b' overlaps another tensor: it begins at"],
  "file cut short": [raw(`{"a":${entry(0, 9)}}`, 5), "Cannot read x: tensor 'a' ends at byte 70, file has 66"],
  "bytes of no tensor": [raw(`{"a":${entry(0, 1)}}`, 2), "tensors end at byte 62, file has 63"],
};

for (const [rule, [bytes, message]] of Object.entries(broken)) {
  Deno.test(`readSafetensors() refuses a file with: ${rule}`, async () => {
    let thrown: unknown;
    await assertRejects(() => {
      try {
        readSafetensors(bytes, "x");
      } catch (error) {
        thrown = error;
        throw error;
      }
    }, message);
    assertTrue(thrown instanceof UserError, "want a UserError");
    assertTrue(!(thrown as UserError).message.includes("\n"), "want one line");
  });
}

Deno.test("writeSafetensors() refuses a tensor that contradicts itself", async () => {
  const write = (tensor: Tensor) => () => writeSafetensors([["a", tensor]]);
  await assertRejects(write({ dtype: "F32", shape: [2], data: new Float32Array(3) }), "has 3 elements, want [2]");
  await assertRejects(
    write({ dtype: "F32", shape: [2], data: new Float64Array(2) }),
    "Float64Array does not hold F32",
  );
});

Deno.test("repeatedKey() tells keys from values, nested objects and escaped quotes", () => {
  assertEqual(repeatedKey('{"a":"a","b":{"a":1},"c":[{"a":1},{"a":2}],"\\"a":0,"d":"x:{"}'), undefined);
  assertEqual(repeatedKey('{"a":{"b":1,"b":2}}'), "b");
});

Deno.test("getTensor() names what is missing or of the wrong type", async () => {
  const file = readSafetensors(writeSafetensors([["lr", { dtype: "F64", shape: [1], data: Float64Array.of(2) }]]), "f");
  assertEqual(getTensor(file, "lr", Float64Array).data[0], 2);
  await assertRejects(() => getTensor(file, "x", Float64Array), "Cannot read f: no tensor 'x', it holds lr");
  await assertRejects(() => getTensor(file, "lr", Int32Array), "Cannot read f: tensor 'lr' is F64, want Int32Array");
});
