import { helpText, parseFlags } from "../cli/args.ts";
import { shortened, wrapped } from "../cli/columns.ts";
import { createProgress, duration } from "../cli/progress.ts";
import { shortPath } from "../cli/files.ts";
import { Interrupted, unlessAborted } from "../cli/interrupt.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

/** A progress display with a clock that is set by hand, and what it has written. */
function display(terminal: boolean, columns = 120) {
  const written: string[] = [], clock = { ms: 5000 };
  const progress = createProgress({
    now: () => clock.ms,
    terminal,
    columns: () => columns,
    write: (text) => void written.push(text),
  });
  return { progress, written, clock };
}

Deno.test("duration() prints hours and minutes, minutes and seconds, or seconds", () => {
  const printed = [0, 0.4, 59.4, 59.6, 60, 250, 3599.4, 3599.6, 3600, 3900, 90000].map(duration);
  assertEqual(printed, [
    "0 s",
    "0 s",
    "59 s",
    "1 min 00 s",
    "1 min 00 s",
    "4 min 10 s",
    "59 min 59 s",
    "1 h 00 min",
    "1 h 00 min",
    "1 h 05 min",
    "25 h 00 min",
  ]);
});

Deno.test("createProgress() redraws one line on a terminal, at most every 100 ms, and ends it once", () => {
  const { progress, written, clock } = display(true);
  progress.show("row  pretrain 1/2", 0, ["loss 0.5000"]);
  clock.ms += 99;
  progress.show("row  pretrain 1/2", 0.1, ["loss 0.4000"]);
  assertEqual(written.length, 1);
  clock.ms += 901;
  progress.show("row  pretrain 1/2", 0.25, ["loss 0.4000"]);
  assertEqual(written, [
    `\rrow  pretrain 1/2  ${"░".repeat(24)}    0 %  loss 0.5000  ETA …\x1b[K`,
    // a quarter took one second
    `\rrow  pretrain 1/2  ${"█".repeat(6)}${"░".repeat(18)}   25 %  loss 0.4000  ETA 3 s\x1b[K`,
  ]);
  progress.end();
  progress.end();
  assertEqual(written.slice(2), ["\n"]);
});

Deno.test("createProgress() shows a new label and the end at once", () => {
  const { progress, written } = display(true);
  progress.show("a", 0.1, []);
  progress.show("b", 0.1, []);
  progress.show("b", 1, []);
  assertEqual(written.map((line) => /^\r(\w)/.exec(line)?.[1]), ["a", "b", "b"]);
  assertTrue(written[2].includes(`${"█".repeat(24)}  100 %`), written[2]);
});

Deno.test("createProgress() never fills a terminal's line, and keeps the label, the share and the time left longest", () => {
  const details = ["loss 0.2593", "live 13/13", "187 images/s"], label = "ViTFreeze seed 0  pretrain 4/5";
  const lines = new Map<number, string>();
  for (let columns = 1; columns <= 130; columns++) {
    const { progress, written } = display(true, columns);
    progress.show(label, 0.5, details);
    const line = written[0].slice(1, -"\x1b[K".length);
    assertTrue(line.length < columns, `${line.length} characters in ${columns} columns`);
    lines.set(columns, line);
  }
  const whole = `${label}  ${"█".repeat(12)}${"░".repeat(12)}   50 %  ${details.join("  ")}  ETA …`;
  assertEqual(lines.get(whole.length + 1), whole);
  assertEqual(
    lines.get(whole.length),
    `${label}  ${"█".repeat(6)}${"░".repeat(6)}   50 %  ${details.join("  ")}  ETA …`,
  );
  assertEqual(
    lines.get(80),
    `${label}  ${"█".repeat(3)}${"░".repeat(3)}   50 %  ${details.slice(0, 2).join("  ")}  ETA …`,
  );
  assertEqual(lines.get(50), `${label}   50 %  ETA …`);
});

Deno.test("createProgress() takes 80 columns where a terminal does not tell its width", () => {
  const { progress, written } = display(true, 0);
  progress.show("label", 0.5, ["x".repeat(60)]);
  assertEqual(written[0], `\rlabel  ${"█".repeat(3)}${"░".repeat(3)}   50 %  ETA …\x1b[K`);
});

Deno.test("createProgress() writes plain lines elsewhere, at most every 10 s and at every new label", () => {
  const { progress, written, clock } = display(false, 20);
  for (let i = 0; i <= 25; i++) {
    progress.show("a", i / 100, []);
    clock.ms += 1000;
  }
  progress.show("b", 0.26, ["loss 1"]);
  progress.end();
  assertEqual(written, [
    "a    0 %  ETA …\n",
    "a   10 %  ETA 1 min 30 s\n",
    "a   20 %  ETA 1 min 20 s\n",
    "b   26 %  loss 1  ETA 1 min 14 s\n",
  ]);
});

Deno.test("createProgress() estimates from its first report on, so that opening the data does not count", () => {
  const { progress, written, clock } = display(false);
  clock.ms += 10 ** 6;
  progress.show("a", 0.5, []);
  clock.ms += 10_000;
  progress.show("a", 0.6, []);
  assertEqual(written[1], "a   60 %  ETA 40 s\n");
});

Deno.test("a flag that is not known offers the nearest one, or else the list", async () => {
  const flags = { profile: { type: "string", value: "NAME", help: "scale", default: "laptop" } } as const;
  const start = "Cannot read the command line: Unknown option";
  const faults: [string, string][] = [
    ["--profil", `${start} '--profil'; did you mean --profile?`],
    ["--hlep", `${start} '--hlep'; did you mean --help?`],
    ["--speed", `${start} '--speed'; --help lists the flags`],
  ];
  for (const [word, message] of faults) {
    await assertRejects(() => Promise.resolve().then(() => parseFlags([word], "usage", flags)), message);
  }
});

Deno.test("helpText() keeps within the columns, and continues explanations below their beginning", () => {
  const help = "a folder, an archive or something else that holds images, with train and test",
    usage = "deno task x [flags]";
  assertEqual(
    helpText(usage, { data: { type: "string", value: "PATH", help }, fresh: { type: "boolean", help: "anew" } }, 60),
    [
      "usage: deno task x [flags]",
      "",
      "  --data PATH              a folder, an archive or something",
      "                           else that holds images, with",
      "                           train and test",
      "  --fresh                  anew",
      "  --help                   print this and stop",
    ].join("\n"),
  );
});

Deno.test("wrapped() and shortened() keep within the columns", () => {
  assertEqual(wrapped("one two three", 7), ["one two", "three"]);
  assertEqual(wrapped("immeasurable x", 4), ["immeasurable", "x"]);
  assertEqual(["abc", "abcd", "ab cd"].map((text) => shortened(text, 3)), ["abc", "ab…", "ab…"]);
});

Deno.test("unlessAborted() gives the outcome, or the abort if that comes first", async () => {
  const abort = new AbortController(), endless = new Promise<number>(() => {});
  assertEqual(await unlessAborted(abort.signal, Promise.resolve(3)), 3);
  await assertRejects(() => unlessAborted(abort.signal, Promise.reject(new Error("work failed"))), "work failed");
  const waiting = unlessAborted(abort.signal, endless);
  abort.abort(new Interrupted("SIGINT"));
  await assertRejects(() => waiting, "stopped by SIGINT");
  await assertRejects(() => unlessAborted(abort.signal, endless), "stopped by SIGINT");
});

Deno.test("shortPath() is relative inside the working folder, and otherwise what was given", () => {
  const here = Deno.cwd();
  const given = [
    "results/a.json",
    `${here}/results/a.json`,
    "./results",
    "..names/a",
    "../b",
    "/elsewhere/d.json",
    here,
  ];
  assertEqual(given.map(shortPath), [
    "results/a.json",
    "results/a.json",
    "results",
    "..names/a",
    "../b",
    "/elsewhere/d.json",
    here,
  ]);
});

Deno.test("writeWhole() leaves nothing behind when the program is ended while it writes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const files = new URL("../cli/files.ts", import.meta.url).href;
    // The write takes longer than it takes to see its temporary file.
    const script = `
      import { writeWhole } from "${files}";
      writeWhole("${folder}/whole", new Uint8Array(2e8));
      while ([...Deno.readDirSync("${folder}")].length === 0) await new Promise((go) => setTimeout(go, 1));
      console.log([...Deno.readDirSync("${folder}")].map(({ name }) => name.replace(/[0-9]+/g, "N")).join());
      Deno.exit(130);`;
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", script] }).output();
    assertEqual([code, new TextDecoder().decode(stdout)], [130, "whole.tmp-N-N\n"]);
    assertEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
