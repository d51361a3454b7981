import { join } from "node:path";
import { writeWhole } from "../cli/files.ts";
import { RunFolder } from "../training/checkpoint/runFolder.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { filesBelow } from "./commandTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

Deno.test("RunFolder.take() refuses a second taker by process id and start, and clears what was half written", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "latest.json.tmp-12-3"), "half");
    const held = await RunFolder.take(folder);
    assertEqual(await filesBelow(folder), ["lock"]);
    const text = new RegExp(
      `process ${Deno.pid} on \\S+, started 20\\S+Z, works there, want it ended, --wait, or another --run`,
    );
    const error = await RunFolder.take(folder).then(() => "", (error: Error) => error.message);
    assertTrue(text.test(error), error);
    await held.checkSpace(1);
    await assertRejects(() => held.checkSpace(1e18), "GB are free, want 1.00e+9 GB; --keep and --run change that");
    held.release();
    (await RunFolder.take(folder)).release();
  }));

Deno.test({
  name: "RunFolder refuses a lock with a second name, and links in place of what a phase writes",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const run = join(folder, "run"), lock = join(run, "lock"), thesis = join(folder, "thesis.txt");
      await Deno.mkdir(run);
      await Deno.writeTextFile(thesis, "two years");
      await Deno.link(thesis, lock);
      await assertRejects(() => RunFolder.take(run), `Cannot write ${lock}: it has 2 names (hard links), want`);
      await Deno.remove(lock);
      for (const name of ["record.json", "latest.json", "weights-3.safetensors", "checkpoint-00000012.json"]) {
        await Deno.symlink("nowhere", join(run, name));
        const held = await RunFolder.take(run);
        await assertRejects(
          () => held.checkFiles(),
          `Cannot write ${join(run, name)}: it is a link, want a plain file`,
        );
        await assertRejects(() => writeWhole(join(run, name), "x"), `it is a link, want a plain file`);
        held.release();
        await Deno.remove(join(run, name));
      }
      await Deno.symlink("nowhere", join(run, "notes"));
      const held = await RunFolder.take(run);
      await held.checkFiles();
      held.release();
      assertEqual(await Deno.readTextFile(thesis), "two years");
      await record("own-files", {
        promise: "A phase writes to plain files of its own alone: what is behind a link or a second name stays",
        how: "a lock with a second name, links in place of a record, a pointer, weights and a checkpoint",
        count: "5 files",
      });
    }),
});

Deno.test("RunFolder.take() leaves alone what is no file of its own, and gives the lock back where it fails", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "x.tmp-1-1"));
    (await RunFolder.take(folder)).release();
    assertEqual((await Deno.stat(join(folder, "x.tmp-1-1"))).isDirectory, true);
    const remove = Deno.remove;
    await Deno.writeTextFile(join(folder, "y.tmp-1-1"), "");
    try {
      Deno.remove = () => Promise.reject(new Error("Input/output error (os error 5)"));
      await assertRejects(() => RunFolder.take(folder), `Cannot use run folder ${folder}: input/output error`);
    } finally {
      Deno.remove = remove;
    }
    (await RunFolder.take(folder)).release();
  }));

Deno.test("RunFolder.take() is not refused by those who only ask who holds the folder", () =>
  inFolder(async (folder) => {
    (await RunFolder.take(folder)).release();
    let asked = 0, stop = false;
    const ask = async () => {
      for (; !stop; asked++) await RunFolder.holder(folder);
    };
    const asking = [ask(), ask()];
    try {
      for (let k = 0; k < 100 || asked < 100; k++) (await RunFolder.take(folder)).release();
    } finally {
      stop = true;
      await Promise.all(asking);
    }
  }));
