import { strToU8, zipSync } from "fflate";
import fc from "fast-check";
import { UserError } from "../core/errors.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { LIMITS } from "../core/pickle/machine.ts";
import { MAX_PICKLE, readTorchFile } from "../training/weights/torch/readTorchFile.ts";
import { type StateDict, stateDict } from "../training/weights/torch/stateDict.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { peerPython } from "./peerPython.ts";

const FIXTURES = new URL("fixtures/torch/", import.meta.url).pathname;
const READABLE = ["ordered", "wrapped", "parameters", "dtypes", "views", "convnet"];

const fixture = (name: string) => Deno.readFileSync(`${FIXTURES}${name}`);
const read = (bytes: Uint8Array): StateDict => stateDict(readTorchFile(bytes, "a.pth"));

/** Fails unless a torch file holds the tensors of a safetensors file, no more and no less. */
function assertHolds(torch: Uint8Array, safetensors: Uint8Array): void {
  const { tensors } = read(torch), wanted = readSafetensors(safetensors).tensors;
  assertEqual([...tensors.keys()].sort(), [...wanted.keys()].sort());
  for (const [name, { dtype, shape, data }] of wanted) {
    const tensor = tensors.get(name)!;
    assertEqual([name, tensor.dtype, tensor.shape, tensor.read()], [name, dtype, shape, data]);
  }
}

/** A pickle from opcodes: numbers are bytes, texts are their UTF-8. */
function pickle(...parts: (number | string)[]): Uint8Array {
  return Uint8Array.from([0x80, 2, ...parts.flatMap((part) => typeof part === "number" ? [part] : [...strToU8(part)])]);
}

/** A text as BINUNICODE. */
const text = (value: string) => ["X", value.length, 0, 0, 0, value];

/** A file of torch.save around a pickle. */
function archive(data: Uint8Array, more: Record<string, Uint8Array> = {}): Uint8Array {
  return zipSync({ "archive/data.pkl": data, "archive/data/0": new Uint8Array(16), ...more }, { level: 0 });
}

/** A file with one tensor "w" over a storage of 4 floats. */
function withTensor(
  { offset = 0, size = 4, stride = 1, count = 4, type = "torch\nFloatStorage", key = "0" },
): Uint8Array {
  const storage = ["(", ...text("storage"), `c${type}\n`, ...text(key), ...text("cpu"), "K", count, "tQ"];
  const layout = ["K", offset, "K", size, 0x85, "K", stride, 0x85, 0x89, "}"];
  return archive(pickle("}", ...text("w"), "ctorch._utils\n_rebuild_tensor_v2\n(", ...storage, ...layout, "tRs."));
}

for (const name of READABLE) {
  Deno.test(`readTorchFile() reads what torch.save wrote: ${name}`, () => {
    assertHolds(fixture(`${name}.pth`), fixture(`${name}.safetensors`));
  });
}

Deno.test("stateDict() tells under which key the weights stood, and what stood beside", () => {
  const { key, beside } = read(fixture("wrapped.pth"));
  assertEqual([key, beside], ["model", ["optimizer", "epoch", "scaler", "args"]]);
  assertEqual(read(fixture("ordered.pth")).key, undefined);
});

Deno.test("readTorchFile() refuses old files, pickled modules, TorchScript and repeated elements by name", async () => {
  await assertRejects(() => read(fixture("refused-legacy.pth")), "format of torch before 1.6");
  const wanted = "the global torch.nn.modules.linear.Linear is not allowed, at byte 2 of the pickle";
  await assertRejects(() => read(fixture("refused-module.pth")), wanted);
  await assertRejects(() => read(fixture("refused-script.pth")), "TorchScript program");
  await assertRejects(() => read(fixture("refused-repeated.pth")), "a tensor of 1000 elements repeats a storage of 1");
  await assertRejects(() => read(strToU8("hello")), "it is no zip archive");
  await assertRejects(() => read(zipSync({ "a.txt": strToU8("a") })), "0 entries 'data.pkl'");
  await assertRejects(() => read(fixture("ordered.pth").slice(0, 900)), "zip archive is broken");
});

Deno.test("readTorchFile() takes the same tensor from stored and from deflated entries", () => {
  const zeros = read(withTensor({})).tensors.get("w")!;
  assertEqual([zeros.dtype, zeros.shape, zeros.read()], ["F32", [4], new Float32Array(4)]);
  const values = Float32Array.of(1, 2, 3, 4), entry = { "archive/data/0": new Uint8Array(values.buffer) };
  const { tensors } = read(withTensor({ offset: 3, size: 1 }));
  assertEqual(tensors.get("w")!.shape, [1]);
  const storage = ["(", ...text("storage"), "ctorch\nFloatStorage\n", ...text("0"), ...text("cpu"), "K", 4, "tQ"];
  const layout = ["K", 1, "K", 2, 0x85, "K", 2, 0x85, 0x89, "}"];
  const data = pickle("}", ...text("w"), "ctorch._utils\n_rebuild_tensor_v2\n(", ...storage, ...layout, "tRs.");
  const deflated = zipSync({ "archive/data.pkl": data, ...entry }, { level: 9 });
  assertEqual(read(deflated).tensors.get("w")!.read(), Float32Array.of(2, 4));
});

Deno.test("readTorchFile() checks tensors against their storage, and the storage against the archive", async () => {
  await assertRejects(() => read(withTensor({ offset: 1 })), "a tensor reaches element 4 of a storage of 4");
  await assertRejects(() => read(withTensor({ stride: 2 })), "a tensor reaches element 6 of a storage of 4");
  await assertRejects(() => read(withTensor({ size: 9, stride: 0 })), "9 elements repeats a storage of 4");
  await assertRejects(() => read(withTensor({ count: 5 })), "storage 'archive/data/0' has 16 bytes, want 20");
  await assertRejects(() => read(withTensor({ key: "7" })), "the archive holds no 'archive/data/7'");
  await assertRejects(() => read(withTensor({ type: "collections\nOrderedDict" })), "no class of storages");
});

Deno.test("readTorchFile() runs no code: other globals, opcodes and calls are refused with name and place", async () => {
  const refused = (wanted: string, ...parts: (number | string)[]) =>
    assertRejects(() => read(archive(pickle(...parts))), wanted);
  await refused("the global os.system is not allowed, at byte 2", "cos\nsystem\n(", ...text("true"), "tR.");
  await refused("the global builtins.eval is not allowed, at byte 24", ...text("builtins"), ...text("eval"), 0x93, ".");
  await refused("the global ?[31m.x is not allowed", "c\x1b[31m\nx\n.");
  await refused("the opcode INST is not allowed, at byte 3", "(ios\nsystem\n.");
  await refused("the opcode EXT1 is not allowed", 0x82, 1, ".");
  await refused("the opcode 0xff is not allowed", 0xff, ".");
  await refused("the text 'a' cannot be called", ...text("a"), ")R.");
  await refused("torch.float32 cannot be called", "ctorch\nfloat32\n)R.");
  await refused("the pickle ends early", "X", 255, 255, 255, 255, ".");
  await refused("the pickle ends early", 0x8d, 255, 255, 255, 255, 255, 255, 255, 255, ".");
  await refused("the stack is empty", ".");
  await refused("the stack is empty", "K", 1, "(a.");
  await refused("no mark is open", "}u.");
  await refused("the memo holds no value 3", "h", 3, ".");
  await refused("a key has no value", "}(K", 1, "u.");
  await refused("it holds a list, want a state dict", "].");
  await refused("it holds 'epoch', want tensors", "}", ...text("epoch"), "K", 1, "s.");
  await assertRejects(() => read(archive(Uint8Array.of(0x80, 6, 0x2e))), "its protocol is 6, want 0 … 5, at byte 0");
});

Deno.test("readTorchFile() refuses big-endian files, doubled entries and claims beyond what deflate can hold", async () => {
  const order = (value: string) => archive(pickle("}", ...text("w"), "Ns."), { "archive/byteorder": strToU8(value) });
  await assertRejects(() => read(order("big")), "its byte order is 'big', want 'little'");
  await assertRejects(() => read(order("little")), "want tensors");
  const claims = withTensor({}), directory = new DataView(claims.buffer, claims.byteOffset);
  const signature = Array.from(claims.keys()).filter((at) =>
    directory.getUint32(Math.min(at, claims.length - 4)) === 0x504b0102
  );
  directory.setUint32(signature[1] + 24, 1 << 30, true);
  await assertRejects(() => read(claims), "claims 1073741824 bytes, it can hold at most 16");
  const doubled = archive(pickle("}."), { "archive/data/1": new Uint8Array(1) });
  const names = new TextDecoder("latin1").decode(doubled).matchAll(/archive\/data\/1/g);
  for (const { index } of names) doubled[index + 13] = 0x30;
  await assertRejects(() => read(doubled), "holds 'archive/data/0' twice");
});

Deno.test("readTorchFile() bounds stack, memo, steps and size", async () => {
  const times = (count: number, ...bytes: number[]) => {
    const data = new Uint8Array(3 + count * bytes.length), none = 0x4e;
    data.set([0x80, 2, none]);
    for (let i = 0; i < count; i++) data.set(bytes, 3 + i * bytes.length);
    return archive(data);
  };
  await assertRejects(() => read(times(LIMITS.stack + 1, 0x4e)), `the stack holds more than ${LIMITS.stack} values`);
  await assertRejects(() => read(times(LIMITS.stack + 1, 0x28)), `more than ${LIMITS.stack} marks are open`);
  await assertRejects(() => read(times(LIMITS.memo + 1, 0x94)), `the memo holds more than ${LIMITS.memo} values`);
  await assertRejects(() => read(times(LIMITS.steps, 0x71, 0)), `the pickle takes more than ${LIMITS.steps} steps`);
  await assertRejects(() => read(times(MAX_PICKLE, 0x4e)), `want at most ${MAX_PICKLE}`);
});

Deno.test("readTorchFile() never fails otherwise than by a user's error, whatever is changed in a file", () => {
  const files = READABLE.map((name) => fixture(`${name}.pth`));
  let readWell = 0, refused = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (file, changes) => {
        const bytes = file.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          for (const tensor of read(bytes).tensors.values()) tensor.read();
          readWell++;
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          assertTrue(!/\n/.test(error.message), `'${error.message}' is more than one line`);
          refused++;
        }
      },
    ),
    { numRuns: 2000 },
  );
  assertTrue(readWell > 100 && refused > 100, `${readWell} files were read, ${refused} refused`);
});

Deno.test("readTorchFile() never fails otherwise on pickles of random opcodes", () => {
  const opcodes = [..."(.)BCGJKMNQRX]abcehjqrstu}", ...[
    0x81,
    0x85,
    0x86,
    0x87,
    0x88,
    0x8a,
    0x8c,
    0x93,
    0x94,
    0x90,
    0x8f,
  ]];
  const part = fc.oneof(
    fc.constantFrom(...opcodes),
    fc.constantFrom(
      "ccollections\nOrderedDict\n",
      "ctorch\nSize\n",
      "ctorch._utils\n_rebuild_tensor_v2\n",
      "K\x00",
      "X\0\0\0\0",
    ),
    fc.nat(255),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      try {
        read(archive(pickle(...parts, ".")));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

const python = peerPython("torch_files.py");
Deno.test({
  name: "readTorchFile() reads what the torch at hand writes now, every variant",
  ignore: !python,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await python!(folder);
      for (const name of [...READABLE, "protocol4"]) {
        assertHolds(Deno.readFileSync(`${folder}/${name}.pth`), Deno.readFileSync(`${folder}/${name}.safetensors`));
      }
      for (const name of ["legacy", "module", "repeated", "script"]) {
        await assertRejects(() => read(Deno.readFileSync(`${folder}/refused-${name}.pth`)), "Cannot read a.pth");
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
