// Text from outside as it is shown.

import fc from "fast-check";
import { UserError } from "../core/errors.ts";
import { printable, printableJson } from "../core/escape.ts";
import { assertEqual, assertTrue } from "./assert.ts";

/** Signs that end lines, move cursors, turn the direction of writing or show nothing, by their codes. */
const UNSEEN = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, k) => 0x7f + k),
  ...[0xad, 0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060],
  ...[0x2066, 0x2067, 0x2068, 0x2069, 0xd800, 0xdfff, 0xfeff, 0xfff9, 0xe0001, 0xe0041],
];

Deno.test("printable() writes escapes for what cannot be shown, and leaves the rest", () => {
  assertEqual(
    printable("a \x1b[2J\nok\r\t\x9b\u202egnp.\ud800!\u{e0041}"),
    String.raw`a \x1b[2J\nok\x0d\x09\x9b\u202egnp.\ud800!\u{e0041}`,
  );
  for (const text of ["ViT-B/16, 83.2 %", "C:\\new", "日本語 العربية ő", "👩‍🔬", "می‌خواهم", "<b>&\"'|`", ""]) {
    assertEqual(printable(text), text);
  }
});

Deno.test("printable(): no text leaves anything unseen, one line each, twice is once", () => {
  const unseen = fc.constantFrom(...UNSEEN).map((code) => String.fromCodePoint(code));
  const text = fc.array(fc.oneof(unseen, fc.string({ unit: "binary" })), { maxLength: 12 }).map((parts) =>
    parts.join("")
  );
  fc.assert(
    fc.property(text, (text) => {
      const shown = printable(text);
      for (const sign of shown) {
        assertTrue(!UNSEEN.includes(sign.codePointAt(0)!), `${JSON.stringify(shown)} of ${JSON.stringify(text)}`);
      }
      assertTrue(shown.isWellFormed(), JSON.stringify(shown));
      assertEqual(printable(shown), shown);
      assertEqual(new UserError(text, text).message, `${shown}\n${shown}`);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("printableJson() makes every text and name of a value printable, and changes nothing else", () => {
  assertEqual(printableJson<unknown>({ "a\n": ["\x1b", 1, null, true, { b: "\u202e" }] }), {
    "a\\n": ["\\x1b", 1, null, true, { b: "\\u202e" }],
  });
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      assertEqual(
        JSON.stringify(printableJson(value)),
        JSON.stringify(
          JSON.parse(JSON.stringify(value), (_, each) => typeof each === "string" ? printable(each) : each),
        ),
      )),
  );
});
