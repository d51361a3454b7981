// What is read and written where a file is meant: plain files, nothing else.

import { readWhole, writeWhole } from "../cli/files.ts";
import { openPlain, openToWrite } from "../cli/plainFiles.ts";
import { UserError } from "../core/errors.ts";
import { assertEqual, assertRejects } from "./assert.ts";
import { inFolder } from "./reportTools.ts";

const UNIX = Deno.build.os !== "windows";

/** Makes a pipe; opening it to read waits for a writer. */
async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  if (!success) throw new Error(`mkfifo ${path} failed`);
}

Deno.test({
  name:
    "readWhole() and openPlain() refuse pipes, devices, sockets and folders at once, by themselves or behind a link",
  ignore: !UNIX,
  fn: () =>
    inFolder(async (folder) => {
      await makePipe(`${folder}/pipe`);
      await Deno.mkdir(`${folder}/folder.json`);
      await Deno.symlink(`${folder}/pipe`, `${folder}/link`);
      using _socket = Deno.listen({ transport: "unix", path: `${folder}/socket` });
      const kinds: Record<string, string> = {
        [`${folder}/pipe`]: "no plain file (a pipe)",
        [`${folder}/link`]: "no plain file (a pipe)",
        [`${folder}/folder.json`]: "a folder",
        [`${folder}/socket`]: "no plain file (a socket)",
        "/dev/zero": "no plain file (a device)",
      };
      for (const [path, kind] of Object.entries(kinds)) {
        for (const read of [readWhole, openPlain]) {
          await assertRejects(() => read(path), `Cannot read ${path}: it is ${kind}, want a plain file`);
        }
      }
      await assertRejects(() => readWhole(`${folder}/none`), `Cannot read ${folder}/none: no such file or directory`);
      await Deno.writeTextFile(`${folder}/file`, "12345");
      await Deno.symlink(`${folder}/file`, `${folder}/good`);
      assertEqual((await readWhole(`${folder}/good`, 5)).length, 5);
      await assertRejects(() => readWhole(`${folder}/file`, 4), "it has 5 bytes, want at most 4");
    }),
});

Deno.test({
  name: "writeWhole() and openToWrite() refuse links, pipes and folders, and leave what is behind them",
  ignore: !UNIX,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/thesis`, "two years");
      await Deno.symlink("thesis", `${folder}/link`);
      await Deno.symlink("nowhere", `${folder}/dangling`);
      await Deno.symlink("circle", `${folder}/circle`);
      await makePipe(`${folder}/pipe`);
      await Deno.mkdir(`${folder}/folder`);
      const kinds = {
        link: "a link",
        dangling: "a link",
        circle: "a link",
        pipe: "no plain file (a pipe)",
        folder: "a folder",
      };
      for (const [name, kind] of Object.entries(kinds)) {
        for (const write of [(path: string) => writeWhole(path, "x"), openToWrite]) {
          const error = await write(`${folder}/${name}`).then(() => undefined, (error) => error);
          assertEqual(error instanceof UserError, true, String(error));
          assertEqual(error.message, `Cannot write ${folder}/${name}: it is ${kind}, want a plain file`);
        }
      }
      await Deno.link(`${folder}/thesis`, `${folder}/second`);
      await assertRejects(() => openToWrite(`${folder}/second`), "it has 2 names (hard links), want a file of its own");
      assertEqual(await Deno.readTextFile(`${folder}/thesis`), "two years");
      const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
      assertEqual(names, ["circle", "dangling", "folder", "link", "pipe", "second", "thesis"]);
    }),
});

Deno.test("openToWrite() makes a file, and opens it again as it is", () =>
  inFolder(async (folder) => {
    for (const text of ["one ", "two"]) {
      using file = await openToWrite(`${folder}/log`, { append: true });
      await file.write(new TextEncoder().encode(text));
    }
    assertEqual(await Deno.readTextFile(`${folder}/log`), "one two");
  }));
