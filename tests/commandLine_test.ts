import { fromHere } from "../cli/here.ts";
import { parseFlags } from "../cli/args.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, run, SCRIPTS } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

const PROJECT = new URL("../", import.meta.url).pathname;
const FLAGS = {
  rows: { type: "string", help: "" },
  fresh: { type: "boolean", help: "" },
  data: { type: "string", help: "", multiple: true, path: "named" },
} as const;

Deno.test("parseFlags() refuses a flag that is given twice, unless it may be", async () => {
  const parse = (...args: string[]) => parseFlags(args, "deno task x", FLAGS).values;
  for (const args of [["--rows", "a", "--rows", "b"], ["--fresh", "--fresh"], ["--rows=a", "--rows", "a"]]) {
    await assertRejects(() => parse(...args), /^Cannot use --(rows|fresh) twice: want one value$/);
  }
  assertEqual({ ...parse("--data", "a", "--data", "x=b") }, { data: ["a", "x=b"] });
});

Deno.test("fromHere() counts a path from where the command was given", () => {
  const found = ["results", "../img", "/data/x", "", "a/"].map((path) => fromHere(path, "docs"));
  assertEqual(found, ["docs/results", "img", "/data/x", "", "docs/a/"]);
  assertEqual(fromHere("../img", ""), "../img");
});

Deno.test("a task that is called in another folder finds there what it is told of", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/mine`);
    const call = async (cwd: string, here: string, ...args: string[]) => {
      const options = { cwd, env: { NO_COLOR: "1", INIT_CWD: here }, stdout: "null", stderr: "piped" } as const;
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", ...args],
        ...options,
      }).output();
      return { code, out: "", err: new TextDecoder().decode(stderr) };
    };
    const verify = `${PROJECT}${SCRIPTS.verify}`, schedule = `${PROJECT}${SCRIPTS.schedule}`;
    assertRefused(
      await call(PROJECT, folder, verify, "mine"),
      "mine: it holds no record, want a folder of records",
    );
    assertRefused(await call(PROJECT, PROJECT, verify, "mine"), "mine: no such file or directory");
    // Whoever goes to another folder himself has his paths counted from there.
    assertRefused(await call(folder, PROJECT, verify, "mine"), "Cannot verify mine: it holds no record");
    assertEqual((await call(PROJECT, folder, schedule, "--svg", "here.svg")).code, 0);
    assertTrue((await Deno.stat(`${folder}/here.svg`)).isFile, "written elsewhere");
  }));

Deno.test("--times wants rows that are pre-trained", () =>
  inFolder(async (folder) => {
    const rows = ["--profile", "ci", "--rows", "scratch", "--times"];
    assertRefused(
      await run("table17", folder, ...rows),
      "Cannot use --times: none of the rows scratch of thesis.table17 is pre-trained, want rows that are",
    );
    assertRefused(
      await run("repro", folder, "thesis.table09", "--profile", "ci", "--times"),
      "none of the rows ",
      "of thesis.table09 is pre-trained",
    );
  }));

Deno.test("a full disk behind the output is said in one line", async () => {
  if (Deno.build.os !== "linux") return console.log("skipped: there is no /dev/full here");
  const command = [Deno.execPath(), "run", "-A", `${PROJECT}${SCRIPTS.schedule}`].join(" ");
  const { code, stderr } = await new Deno.Command("sh", { args: ["-c", `${command} > /dev/full`], stderr: "piped" })
    .output();
  const err = new TextDecoder().decode(stderr);
  assertEqual([code, err], [1, "error: Cannot write the output: no space left on device\n"]);
});
