import { startCell } from "../commands/grid/cellProcess.ts";
import { findCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import { loadRecords } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { assertRefused, filesBelow, run, settings, spawn, TINY_CI } from "./commandTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

const RUN = [...TINY_CI, "--rows", "localmim", "--run", "disk/runs", "--out", "results"];

/** The folder of the phase of a kind. */
async function folderOf(folder: string, kind: string): Promise<string> {
  for await (const { name } of Deno.readDir(`${folder}/disk/runs`)) {
    if (name.startsWith(kind)) return `${folder}/disk/runs/${name}`;
  }
  throw new Error(`there is no folder of ${kind}`);
}

async function command(name: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(name, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Mounts a file system of so many kB on `disk` in a folder; unmounts it at the end. */
async function onDisk(folder: string, kilobytes: number, test: () => Promise<void>, options = ""): Promise<void> {
  await Deno.mkdir(`${folder}/disk`);
  assertTrue(
    await command("mount", "-t", "tmpfs", "-o", `size=${kilobytes}k${options}`, "tmpfs", `${folder}/disk`),
    "mount",
  );
  try {
    await test();
  } finally {
    await command("umount", "-l", `${folder}/disk`);
  }
}

const mounts = Deno.build.os === "linux" && await inFolder(async (folder) => {
  const can = await command("mount", "-t", "tmpfs", "tmpfs", folder);
  if (can) await command("umount", folder);
  return can;
});
if (!mounts) console.log("skipped: tests of full and read-only disks, which need the right to mount one");

Deno.test({
  name: "a disk too small for checkpoints, and a read-only one, are refused before training starts",
  ignore: !mounts,
  async fn() {
    await inFolder((folder) =>
      onDisk(folder, 600, async () => {
        const ended = await run("table17", folder, ...RUN);
        assertRefused(ended, "Cannot keep checkpoints in disk/runs/pretrain-localmim-", "are free, want 0.00132 GB");
        assertTrue(!/pretrain +1\//.test(ended.err), ended.err);
      })
    );
    await inFolder((folder) =>
      onDisk(folder, 600, async () => {
        assertRefused(
          await run("table17", folder, ...RUN),
          "Cannot use run folder disk/runs/pretrain-localmim-",
          ": read-only file system",
        );
      }, ",ro")
    );
  },
});

Deno.test({
  name: "a disk that becomes full in mid-run costs neither the run nor its last checkpoint",
  ignore: !mounts,
  fn: () =>
    inFolder((folder) =>
      onDisk(folder, 4000, async () => {
        // The weights of both phases still have to fit when the disk is free again.
        const flags = [
          ...RUN,
          ...settings({ "pretrain.epochs": 30 }),
          "--every",
          "0",
          "--keep",
          "1",
        ];
        const child = spawn("table17", folder, flags),
          reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
        let err = "";
        const says = async (words: string) => {
          for (let part; !err.includes(words) && !(part = await reader.read()).done;) err += part.value;
        };
        await says("pretrain  5/30");
        const filler = await Deno.open(`${folder}/disk/filler`, { write: true, create: true }),
          block = new Uint8Array(65536);
        await (async () => {
          for (;;) await filler.write(block);
        })().catch(() => {});
        filler.close();
        await says("the run goes on, its last checkpoint stays");
        assertTrue(/warning: Cannot write disk\/runs\/.*: no space left on device; the run goes on/.test(err), err);
        assertTrue(
          await findCheckpoint(await folderOf(folder, "pretrain"), (text) => assertEqual(text, "")) !== undefined,
          "no checkpoint",
        );
        await Deno.remove(`${folder}/disk/filler`);
        await says("more than is ever said");
        const [{ code }] = await Promise.all([child.status, child.stdout.cancel()]);
        assertEqual(code, 0, err);
        assertEqual((await loadRecords(`${folder}/results`)).length, 2);
        assertEqual((await filesBelow(await folderOf(folder, "pretrain"))).filter((name) => name.includes("tmp")), []);
        await record("fullDisk", {
          promise: "A full or read-only disk is refused before training starts, or costs no checkpoint that was whole",
          how: "file systems of 0.6 and 4 MB and a read-only one; the larger is filled in mid-run, later freed",
          count: "3 disks",
        });
      })
    ),
});

Deno.test({
  name: "a phase goes on where its log cannot, and says so once",
  ignore: !mounts,
  async fn() {
    await inFolder((folder) =>
      onDisk(folder, 16, async () => {
        const told: string[] = [], log = `${folder}/disk/logs/cell.log`;
        const words = ["eval", "for (let k = 0; k < 2000; k++) console.error('x'.repeat(50)); Deno.exit(7)"];
        const { ended } = await startCell(words, log, (line) => told.push(line));
        assertEqual(await ended, 7);
        const refused = told.filter((line) => line.startsWith("Cannot write"));
        assertEqual(refused, [`Cannot write ${log}: no space left on device; it ends here, and the phase goes on`]);
        assertEqual(told.length, 2001);
      })
    );
  },
});
