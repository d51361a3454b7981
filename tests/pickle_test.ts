import fc from "fast-check";
import { guarded, PickleError } from "../core/pickle/errors.ts";
import { globalsOf, type PickleHost } from "../core/pickle/host.ts";
import { latin1, latin1Bytes } from "../core/pickle/latin1.ts";
import { LIMITS } from "../core/pickle/machine.ts";
import { OPCODES } from "../core/pickle/opcodes.ts";
import { readPickle } from "../core/pickle/readPickle.ts";
import {
  describe,
  Opaque,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleTuple,
  type PickleValue,
} from "../core/pickle/values.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A host that knows one function, one class whose objects are opaque, and ids; states are taken by opaque objects. */
const HOST: PickleHost = {
  globals: globalsOf([
    new PickleGlobal("a.b.twice", ([value = null]) => new PickleList([value, value])),
    new PickleGlobal("a.C", () => new Opaque("a.C")),
    new PickleGlobal("a.D"),
  ]),
  load: (id) => new PickleTuple(["loaded", id]),
  build: (target) => target instanceof Opaque,
};

/** A value as plain arrays: what kind it is, and what it holds. */
function plain(value: PickleValue): unknown {
  if (value instanceof PickleList) return ["list", ...value.items.map(plain)];
  if (value instanceof PickleTuple) return ["tuple", ...value.items.map(plain)];
  if (value instanceof PickleDict) return ["dict", ...[...value.entries].map((entry) => entry.map(plain))];
  return value instanceof Opaque || value instanceof PickleGlobal ? describe(value) : value;
}

const read = (text: string) => plain(readPickle(latin(text), HOST));

// Written by Python 3.11: pickle.dumps({"a": [1, -2, 300, 2**40, 0.5, True, None], "t": ("é", (), (1,), (1, 2, 3, 4))}, protocol)
const NUMBERS = "K\x01J\xfe\xff\xff\xffM,\x01", HALF = "G?\xe0\0\0\0\0\0\0", FOUR = "(K\x01K\x02K\x03K\x04t";
const LONG1 = "\x8a\x06\0\0\0\0\0\x01";
const BINARY = (long: string, yes: string, one: string) =>
  `}q\0(X\x01\0\0\0aq\x01]q\x02(${NUMBERS}${long}${HALF}${yes}NeX\x01\0\0\0tq\x03(X\x02\0\0\0\xc3\xa9q\x04)${one}q\x05${FOUR}q\x06tq\x07u.`;
const FRAMED =
  `}\x94(\x8c\x01a\x94]\x94(${NUMBERS}${LONG1}${HALF}\x88Ne\x8c\x01t\x94(\x8c\x02\xc3\xa9\x94)K\x01\x85\x94${FOUR}\x94t\x94u.`;
const WRITTEN: Record<string, string> = {
  1: BINARY("L1099511627776L\n", "I01\n", "(K\x01t"),
  2: `\x80\x02${BINARY(LONG1, "\x88", "K\x01\x85")}`,
  3: `\x80\x03${BINARY(LONG1, "\x88", "K\x01\x85")}`,
  4: `\x80\x04\x95F\0\0\0\0\0\0\0${FRAMED}`,
  5: `\x80\x05\x95F\0\0\0\0\0\0\0${FRAMED}`,
};

for (const [protocol, text] of Object.entries(WRITTEN)) {
  Deno.test(`readPickle() reads what Python writes in protocol ${protocol}`, () => {
    assertEqual(read(text), [
      "dict",
      ["a", ["list", 1, -2, 300, 2 ** 40, 0.5, true, null]],
      ["t", ["tuple", "é", ["tuple"], ["tuple", 1], ["tuple", 1, 2, 3, 4]]],
    ]);
  });
}

Deno.test("readPickle() reads sets as lists, bytes as views, integers beyond 2^53 as bigints", () => {
  // Written by Python 3.11: pickle.dumps([b"x", {7}, frozenset([8]), bytearray(b"y"), 2**70], 5)
  const text =
    "\x80\x05\x95*\0\0\0\0\0\0\0]\x94(C\x01x\x94\x8f\x94(K\x07\x90(K\x08\x91\x94\x96\x01\0\0\0\0\0\0\0y\x94" +
    "\x8a\x09\0\0\0\0\0\0\0\0@e.";
  assertEqual(read(text), ["list", latin("x"), ["list", 7], ["tuple", 8], latin("y"), 2n ** 70n]);
  const bytes = latin("C\x03abc."), value = readPickle(bytes, HOST) as Uint8Array;
  assertTrue(value.buffer === bytes.buffer, "a view of the pickle");
});

Deno.test("readPickle() gives what the host says for calls, states and persistent ids", async () => {
  assertEqual(read("ca.b\ntwice\nK\x07\x85R."), ["list", 7, 7]);
  assertEqual(read("\x8c\x03a.b\x8c\x05twice\x93K\x07\x85\x81."), ["list", 7, 7]);
  assertEqual(read("ca\nC\n)R}bK\x01aK\x01K\x02s."), "an object of a.C");
  assertEqual(read("K\x05Q."), ["tuple", "loaded", 5]);
  await assertRejects(() => read("ca\nD\n)R."), "the global a.D cannot be called, at byte 6 of the pickle");
  await assertRejects(() => read("ca\nE\n."), "the global a.E is not allowed, at byte 0");
  await assertRejects(() => read("ca\nC\nK\x01R."), "the arguments of a.C are no tuple, at byte 7");
  await assertRejects(() => read("C\x01aC\x01b\x93."), "a global's name is no text, at byte 6");
  await assertRejects(() => read("}}b."), "a dict has no state to set, at byte 2");
  await assertRejects(
    () => readPickle(latin("NQ."), { ...HOST, load: undefined }),
    "a persistent id is None, want none",
  );
});

Deno.test("readPickle() refuses whatever is no opcode of its table, by name or number", async () => {
  for (let code = 0; code < 256; code++) {
    if (code === 0x2e || OPCODES.get(code)?.run) continue;
    const name = OPCODES.get(code)?.name ?? `0x${code.toString(16).padStart(2, "0")}`;
    await assertRejects(() => readPickle(Uint8Array.of(code), HOST), `the opcode ${name} is not allowed, at byte 0`);
  }
  const refused = [...OPCODES.values()].filter(({ run }) => !run).map(({ name }) => name).sort();
  assertEqual(
    refused.join(" "),
    "DUP EXT1 EXT2 EXT4 FLOAT INST LONG4 NEWOBJ_EX NEXT_BUFFER OBJ PERSID POP POP_MARK READONLY_BUFFER UNICODE",
  );
});

Deno.test("readPickle() reads a value nested 200,000 deep, and ones that hold themselves", async () => {
  const deep = readPickle(latin(`${"]".repeat(200_000)}${"a".repeat(199_999)}.`), HOST);
  assertEqual(describe(deep), "a list");
  assertEqual(describe(readPickle(latin("]q\0h\0a."), HOST)), "a list");
  const wide = readPickle(latin(`]q\0${"(h\0h\0eq\0".repeat(1000)}.`), HOST) as PickleList;
  assertEqual(wide.items.length, 2000);
  await assertRejects(() => readPickle(latin("N".repeat(LIMITS.stack + 1)), HOST), "the stack holds more than");
});

Deno.test("readPickle() gives a value or a PickleError of one line for any opcodes", () => {
  const codes = [...OPCODES].filter(([, { run }]) => run).map(([code]) => String.fromCharCode(code));
  const part = fc.oneof(
    fc.constantFrom(...codes),
    fc.constantFrom("ca.b\ntwice\n", "ca\nC\n", "N", "K\x01", "I7\n", "(", ")", "\x85"),
    fc.nat(255).map((code) => String.fromCharCode(code)),
  );
  const ends = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      try {
        readPickle(latin(`${parts.join("")}.`), HOST);
        ends.read++;
      } catch (error) {
        if (!(error instanceof PickleError)) throw error;
        assertTrue(error.message.length < 300 && !error.message.includes("\n"), error.message);
        ends.refused++;
      }
    }),
    { numRuns: 3000, seed: 5 },
  );
  assertTrue(ends.read > 100 && ends.refused > 100, JSON.stringify(ends));
});

Deno.test("readPickle() takes byte strings of Latin-1 lines of any length, and refuses wider characters", async () => {
  assertEqual(read(`S'${"\xe9".repeat(9000)}\\n\\x41'\n.`), latin(`${"\xe9".repeat(9000)}\nA`));
  assertEqual(latin1(latin1Bytes("\0\xff".repeat(5000))), "\0\xff".repeat(5000));
  await assertRejects(() => latin1Bytes("a\u0100"), "a character of more than one byte");
});

Deno.test("guarded() tells the file of a PickleError, and passes other errors on", async () => {
  const broken = () => guarded("a file", () => readPickle(latin("t."), HOST));
  assertEqual(
    await assertRejects(broken, "no mark"),
    "Cannot read a file: no mark is open, at byte 0 of the pickle",
  );
  await assertRejects(() =>
    guarded("a file", () => {
      throw new RangeError("a defect");
    }), /^a defect$/);
});
