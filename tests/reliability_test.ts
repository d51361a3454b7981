import { amended } from "./reliability/main.ts";
import { assertEqual, assertTrue } from "./assert.ts";

Deno.test("amended() replaces the rows of the same promises, and the foot of the same tests", () => {
  const page =
    "# Title\n\n| promise | how |\n| --- | --- |\n| a | 1 |\n| b   | 2 |\n| b | 3 |\n\nShown on x: 9 tests passed.\n";
  const once = amended(page, ["| b | 4 |"], "Of weights, shown on y: 2 tests passed.");
  const rows = (text: string) => text.split("\n").filter((each) => /^\| [a-c] /.test(each));
  const feet = (text: string) => text.trimEnd().split("\n").filter((each) => each.includes("hown on"));
  assertEqual(rows(once), ["| a | 1 |", "| b | 4 |"]);
  assertEqual(feet(once), ["Shown on x: 9 tests passed.", "Of weights, shown on y: 2 tests passed."]);
  const twice = amended(once, ["| c | 5 |"], "Of weights, shown on z: 3 tests passed.");
  assertEqual(rows(twice), ["| a | 1 |", "| b | 4 |", "| c | 5 |"]);
  assertEqual(feet(twice), ["Shown on x: 9 tests passed.", "Of weights, shown on z: 3 tests passed."]);
  assertTrue(twice.startsWith("# What is promised"), "the head is today's");
});
