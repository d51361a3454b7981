import { coreHash } from "../records/identity.ts";
import { loadRecords } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { filesBelow, run, runWell, settings, spawn, TINY, TINY_CI } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { recordsOf, repro } from "./reproTools.ts";

/** A command that is still running, and what it has printed on stderr. */
interface Running {
  child: Deno.ChildProcess;
  err: string;
  /** Resolves when stderr holds the words, or has ended. */
  says(words: string): Promise<void>;
}

/** Starts a run and follows what it says on stderr. */
function follow(folder: string, ...args: string[]): Running {
  const child = spawn("table17", folder, args);
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const running: Running = {
    child,
    err: "",
    async says(words) {
      while (!running.err.includes(words)) {
        const { value, done } = await reader.read();
        if (done) return;
        running.err += value;
      }
    },
  };
  return running;
}

/** Sends Ctrl-C or another signal; gives the exit code, the seconds until the end, and all that was said on stderr. */
async function interrupt(
  running: Running,
  signal: Deno.Signal = "SIGINT",
): Promise<{ code: number; seconds: number; err: string }> {
  const start = performance.now();
  running.child.kill(signal);
  const [{ code }] = await Promise.all([
    running.child.status,
    running.child.stdout.cancel(),
    running.says("more than is ever said"),
  ]);
  return { code, seconds: (performance.now() - start) / 1000, err: running.err };
}

/** A step takes a hundredth of this; a busy machine may be slow to end a process. */
const SECONDS_TO_STOP = 5;

Deno.test("Ctrl-C in pre-training ends with 130 at the next step, and keeps finished phases whole", () =>
  inFolder(async (folder) => {
    // Short enough that the first row ends soon, long enough that the second does not end before the signal comes.
    const flags = [...TINY_CI, ...settings({ "pretrain.epochs": 30 }), "--rows", "localmim,vitfreeze"];
    const running = follow(folder, ...flags, "--out", "kept");
    await running.says("ViTFreeze seed 0  pretrain");
    const { code, seconds, err } = await interrupt(running);
    assertEqual(code, 130, err);
    assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
    const files = await filesBelow(`${folder}/kept`), { pretrain, finetune } = await recordsOf(`${folder}/kept`);
    assertEqual([files.length, pretrain.length, finetune.length], [2, 1, 1]);
    assertEqual(finetune[0].phase.from?.key, pretrain[0].key);
    const idOf = async (key: string) =>
      (await loadRecords(`${folder}/kept`)).find(({ record }) => record.key === key)!.id;
    const last = new RegExp(
      "\\ninterrupted; ViTFreeze seed 0 is saved in runs/pretrain-localmim-[0-9a-f]{12}, after step \\d+ of pre-training\\n" +
        `finished:\\n  LocalMIM-HOG seed 0, pre-training: kept/${
          (await idOf(pretrain[0].key)).slice(0, 8)
        }\\*.json\\n` +
        `  LocalMIM-HOG seed 0, fine-tuning: kept/${(await idOf(finetune[0].key)).slice(0, 8)}\\*.json\\n` +
        "The same command goes on from there.\\n$",
    );
    assertTrue(last.test(err), err);
    assertEqual((await run("verify", folder, "kept")).code, 0);
  }));

Deno.test("a signal in the first row saves it, in pre-training and in fine-tuning, and the same command ends it as if nothing was", () =>
  inFolder(async (folder) => {
    const cases: [
      phase: "pretrain" | "finetune",
      words: string,
      signal: Deno.Signal,
      code: number,
      changes: string[],
    ][] = [
      ["pretrain", "pre-training", "SIGTERM", 143, settings({ "pretrain.epochs": 40 })],
      ["finetune", "fine-tuning", "SIGUSR2", 75, settings({ "pretrain.epochs": 1, "finetune.epochs": 40 })],
    ];
    for (const [phase, words, signal, wanted, changes] of cases) {
      const flags = [...TINY_CI, ...changes, "--rows", "localmim", "--run", `run-${phase}`, "--out", phase];
      const running = follow(folder, ...flags);
      await running.says(`LocalMIM-HOG seed 0  ${phase}`);
      const { code, seconds, err } = await interrupt(running, signal);
      assertEqual(code, wanted, err);
      assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
      const [, steps, finished] = new RegExp(
        `\ninterrupted; LocalMIM-HOG seed 0 is saved in run-${phase}/${phase}-localmim-[0-9a-f]{12}, after step (\\d+) of ${words}\n` +
          "((?:finished:\n  LocalMIM-HOG seed 0, pre-training: finetune/[0-9a-f]{8}\\*\\.json\n)?)The same command goes on from there.\n$",
      ).exec(err) ?? [];
      assertTrue(Number(steps) > 0, err);
      assertEqual(
        [finished !== "", (await filesBelow(`${folder}/${phase}`)).length],
        phase === "pretrain" ? [false, 0] : [true, 1],
      );
      // Another config is another phase: it begins, and this one stays as it is.
      const other = await repro(
        folder,
        "thesis.table17",
        ...flags,
        ...settings({ [`${phase}.minLr`]: 0 }),
        "--out",
        "other",
      );
      assertEqual(other[0].phases.map(({ taken }) => taken), phase === "pretrain" ? [false, false] : [true, false]);
      const [row] = await repro(folder, "thesis.table17", ...flags, "--resume");
      assertEqual(row.phases.map(({ taken }) => taken), phase === "pretrain" ? [false, false] : [true, false]);
      const { pretrain: [pretrain], finetune: [finetune] } = await recordsOf(`${folder}/${phase}`);
      // Once more: the run is over, so nothing is run, and the records are the same files.
      const [again] = await repro(folder, "thesis.table17", ...flags);
      assertEqual(again.phases, row.phases.map((each) => ({ ...each, taken: true })));
      await runWell("table17", folder, ...flags, "--out", "straight", "--run", "straight-run");
      const straight = await recordsOf(`${folder}/straight`);
      assertEqual([pretrain, finetune].map(coreHash), [straight.pretrain[0], straight.finetune[0]].map(coreHash));
      for (const name of ["straight", "straight-run"]) await Deno.remove(`${folder}/${name}`, { recursive: true });
    }
  }));

Deno.test({
  name: "Ctrl-C while the data are opened ends with 130 and leaves nothing",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      // An archive of a terabyte, none of which is on the disk: it takes a quarter of an hour to read.
      await Deno.writeTextFile(`${folder}/photos.tar`, "");
      await Deno.truncate(`${folder}/photos.tar`, 1e12);
      const running = follow(folder, "--profile", "cifar10", ...TINY, "--threads", "1024", "--data", "photos.tar");
      await running.says("more threads than cores"); // the last words before the data are opened
      const { code, seconds, err } = await interrupt(running);
      assertEqual(code, 130, err);
      assertTrue(err.endsWith("slower\ninterrupted; no phase was finished, nothing was under way\n"), err);
      assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
      assertEqual(await filesBelow(folder), ["photos.tar"]);
    }),
});
