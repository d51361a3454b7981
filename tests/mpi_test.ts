import { hostname } from "node:os";
import { openMpi } from "../distributed/mpi/library.ts";
import type { Family } from "../distributed/launch.ts";
import { loadRecords } from "../records/store.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { filesBelow, runWell, SCRIPTS, settings, TINY_CI } from "./commandTools.ts";
import { type JobEnd, launch, type Launcher, launchers, type RunningJob, seen } from "./mpiTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";
import { recordsOf } from "./reproTools.ts";
import { missingProgram, pause, PrivateSlurm, processesOf } from "./slurmTools.ts";

const FOUND = await launchers(), FAMILIES: Family[] = ["Open MPI", "MPICH"];
const SCRIPT = new URL(`../${SCRIPTS.repro}`, import.meta.url).pathname;
const PROBE = new URL("./rankProbe.ts", import.meta.url).pathname;
/** Seconds in which a broken job has to end; on an idle machine it takes two (Open MPI) or a tenth of one (MPICH). */
const SOON = 20;
/** Everything that is drawn for an image or a batch is on: it must not hang on the rank. */
const DRAWN = settings({ "finetune.mixup": 0.8, "finetune.cutmix": 1, "finetune.dropPath": 0.2 });
const ROW = [...TINY_CI, ...DRAWN, "--rows", "vitfreeze", "--threads", "1"];
const LONG = [...ROW, ...settings({ "pretrain.epochs": 50 })];

/** Fails unless all processes of a job, which carry its folder in their environment, end soon. */
async function allGone(folder: string): Promise<void> {
  for (const end = Date.now() + 1000 * SOON; Date.now() < end; await pause(100)) {
    if ((await processesOf(`MPI_TEST_FOLDER=${folder}`)).length === 0) return;
  }
  assertEqual(await processesOf(`MPI_TEST_FOLDER=${folder}`), []);
}

/** A test for each MPI that is here; for the others it says what is missing. */
function testEach(name: string, fn: (launcher: Launcher) => Promise<void>): void {
  for (const family of FAMILIES) {
    const launcher = FOUND[family];
    Deno.test({
      name: `${family}: ${name}${launcher ? "" : " (skipped: there is no launcher of it here)"}`,
      ignore: !launcher,
      fn: () => fn(launcher!),
    });
  }
}

const train = (...args: string[]) => [Deno.execPath(), "run", "-A", SCRIPT, "thesis.table17", ...args];
const probe = (...args: string[]) => [Deno.execPath(), "run", "-A", PROBE, ...args];

/** The records of a run: pre-training and fine-tuning. */
interface RunRecords {
  pretrain: PhaseRecord;
  finetune: PhaseRecord;
}

async function onlyResult(folder: string): Promise<RunRecords> {
  const records = (await loadRecords(folder)).map(({ record }) => record);
  assertEqual(records.length, 2);
  const of = (kind: string) => records.find(({ phase }) => phase.kind === kind)!;
  return { pretrain: of("pretrain"), finetune: of("finetune") };
}

/** What a run computed: every loss, the evaluation, and the weights after both phases. */
function computed({ pretrain, finetune }: RunRecords) {
  return [pretrain, finetune].map(({ weights, metrics, epochs }) => ({
    weights,
    metrics,
    losses: epochs.map(({ losses }) => losses),
  }));
}

function assertEnded({ code, text, seconds }: JobEnd, ...words: string[]): void {
  assertTrue(code !== 0, `exit code ${code}:\n${text}`);
  for (const word of words) assertTrue(text.includes(word), `there is no '${word}' in\n${text}`);
  assertTrue(seconds < SOON, `it took ${seconds} s`);
}

testEach(
  "two ranks compute what one computes in two passes, bit for bit, and say who they were",
  (launcher) =>
    inFolder(async (folder) => {
      const { code, text } = await launch([...launcher.start(2), ...train(...ROW)], folder);
      assertEqual([code, code === 0 ? "" : text], [0, ""]);
      const two = await onlyResult(`${folder}/runs/results`), all = await filesBelow(`${folder}/runs`);
      const files = all.filter((path) => !path.startsWith("results/"));
      await runWell("table17", folder, ...ROW, "--accum", "2", "--out", "one", "--run", "other");
      const one = await onlyResult(`${folder}/one`);
      assertEqual(computed(two), computed(one));
      assertEqual(one.finetune.ranks?.map(({ accum, hosts }) => [accum, hosts]), [[2, [hostname()]]]);
      assertEqual(two.pretrain.ranks?.map(({ library, ...rest }) => ({ family: library.split(/ \d/)[0], ...rest })), [{
        family: launcher.family,
        from: 0,
        hosts: [hostname(), hostname()],
        threads: 1,
      }]);
      assertEqual(text.match(/records are in runs\/results/g)?.length, 1); // rank 0 alone prints
      assertEqual(files, await filesBelow(`${folder}/other`));
      const [early, late] = [0, 1].map((epoch) => two.pretrain.epochs[epoch].exchangedBytes!);
      assertTrue(late < early, `${late} bytes after layers have frozen, ${early} before`);
      await record(`mpi-equal-${launcher.family.replace(" ", "")}`, {
        promise: "Two ranks compute what one computes in two passes, bit for bit",
        how: `${launcher.family}: pre-training with freezes, fine-tuning with mixup, CutMix and drop path, evaluation`,
        count: "every loss, both hashes of weights, the evaluation",
      });
    }),
);

testEach(
  "two ranks fill probes of a frozen encoder with what one measures, from weights that rank 0 reads for both",
  (launcher) =>
    inFolder(async (folder) => {
      const linear = settings({ "linear.batch": 16, "linear.epochs": 4, "linear.warmupEpochs": 1 });
      const args = [...ROW, "--probes", "linear,knn", ...linear];
      const { code, text } = await launch([...launcher.start(2), ...train(...args, "--accum", "1")], folder);
      assertEqual([code, code === 0 ? "" : text], [0, ""]);
      await runWell("table17", folder, ...args, "--accum", "2", "--out", "one", "--run", "other");
      const two = await recordsOf(`${folder}/runs/results`), one = await recordsOf(`${folder}/one`);
      for (const kind of ["linear", "knn"] as const) {
        const [own, wanted] = [two, one].map((records) =>
          records[kind].map(({ metrics, weights, epochs }) => ({
            metrics,
            weights,
            losses: epochs.map(({ losses }) => losses),
          }))
        );
        assertEqual([own.length, own], [1, wanted]);
      }
    }),
);

testEach(
  "four ranks, and two with two passes, compute what one computes in four but for the order of sums",
  (launcher) =>
    inFolder(async (folder) => {
      const run = async (ranks: number, name: string, ...more: string[]) => {
        const words = train(...ROW, ...more, "--out", name, "--run", `${name}-run`);
        const { code, text } = await launch([...launcher.start(ranks), ...words], folder);
        assertEqual([code, code === 0 ? "" : text], [0, ""]);
        return await onlyResult(`${folder}/${name}`);
      };
      const four = await run(4, "four"), pairs = await run(2, "pairs", "--accum", "2");
      await runWell("table17", folder, ...ROW, "--accum", "4", "--out", "one", "--run", "other");
      const one = await onlyResult(`${folder}/one`);
      for (const result of [four, pairs]) {
        // Sums of four numbers in another order differ by some 1e-7; a few steps of AdamW leave that about as it is.
        const losses = (each: RunRecords) =>
          [...each.pretrain.epochs, ...each.finetune.epochs].map(({ losses }) => losses.loss!);
        losses(result).forEach((loss, k) => assertTrue(Math.abs(loss / losses(one)[k] - 1) < 1e-6, `${loss}`));
        assertTrue(
          Math.abs(result.finetune.metrics.loss! / one.finetune.metrics.loss! - 1) < 1e-6,
          `${result.finetune.metrics.loss}`,
        );
        assertEqual([result.finetune.metrics.top1, result.finetune.metrics.top5], [
          one.finetune.metrics.top1,
          one.finetune.metrics.top5,
        ]);
      }
    }),
);

testEach("a rank that ends out of turn ends the job, named with its host", async (launcher) => {
  const ended: string[] = [], who = `rank 1 on ${hostname()}`;
  const hung = [`error: rank 0 on ${hostname()}: Cannot go on with the middle: no `, `${who}, process `];
  const cases: Record<string, string[]> = {
    exit0: [`error: ${who}: it ends before the run does`],
    exit3: [`error: ${who}: it ends before the run does`],
    throw: [`error: ${who}`, "TypeError: a mistake in the program"],
    mistake: [`error: ${who}: Cannot read image 7: it is no image`],
    reject: [`error: ${who}`, "TypeError: nobody waits for this"],
    forget: hung,
    loop: hung,
  };
  await inFolder(async (folder) => {
    const good = await launch([...launcher.start(3), ...probe("none")], folder);
    assertEqual([good.code, /sums .*/.exec(good.text)?.[0].replace(/ [^ ]+$/, "")], [
      0,
      `sums 4.5 6 6 ${launcher.family}`,
    ]);
    for (const [misdeed, words] of Object.entries(cases)) {
      const end = await launch([...launcher.start(2), ...probe(misdeed, cases[misdeed] === hung ? "1" : "60")], folder);
      assertEnded(end, ...words);
      await allGone(folder);
      ended.push(misdeed);
    }
  });
  await shown(launcher, "leaves", ended.length);
});

/** For docs/RELIABILITY.md. */
async function shown({ family }: Launcher, name: string, count: number): Promise<void> {
  await record(`mpi-${name}-${family.replace(" ", "")}`, {
    promise:
      "A rank that throws, leaves, is killed or hangs ends the job, named with its host; it is never waited for in vain",
    how: name === "leaves"
      ? `${family}, two ranks: exit with 0 and 3, errors of each kind, waiting for ever, an endless loop`
      : `${family}, two ranks: a run is killed or stopped in mid-training, then goes on in one process to the same weights`,
    count: `${count} ways to end`,
  });
}

/** What is done to a run, and what the launcher's output then holds. */
const FAULTS: Record<string, { act: (job: RunningJob) => Promise<void>; words: string[]; slow?: boolean }> = {
  "rank 1 killed": {
    act: async (job) => Deno.kill(await job.rank(1), "SIGKILL"),
    words: [`error: rank 1 on ${hostname()}`, "was ended by SIGKILL"],
  },
  "rank 0 killed": {
    act: async (job) => Deno.kill(await job.rank(0), "SIGKILL"),
    words: [`error: rank 0 on ${hostname()}`, "was ended by SIGKILL"],
  },
  "rank 1 hangs": {
    act: async (job) => Deno.kill(await job.rank(1), "SIGSTOP"),
    words: [
      `error: rank 0 on ${hostname()}: Cannot `,
      `rank 1 on ${hostname()}, process `,
    ],
  },
};

testEach(
  "a rank that is killed or hangs ends the job; the checkpoint is whole, and another number goes on",
  (launcher) =>
    inFolder(async (folder) => {
      for (const [name, { act, words }] of Object.entries(FAULTS)) {
        const args = [...LONG, "--every", "0", "--rank-timeout", "3", "--fresh"];
        const end = await launch([...launcher.start(2), ...train(...args)], folder, async (job) => {
          await seen(job.text, /pretrain .* [1-9] %/);
          await act(job);
        });
        assertEnded(end, ...words);
        await allGone(folder);
        assertTrue((await filesBelow(`${folder}/runs`)).some((file) => file.endsWith("latest.json")), name);
      }
      const [latest] = (await filesBelow(`${folder}/runs`)).filter((file) => /^pretrain.*latest\.json$/.test(file));
      const last = /"checkpoint":"checkpoint-0*(\d+)"/.exec(await Deno.readTextFile(`${folder}/runs/${latest}`))![1];
      await runWell("table17", folder, ...LONG, "--resume", "--accum", "2", "--threads", "2");
      const { pretrain: { ranks, weights } } = await onlyResult(`${folder}/runs/results`);
      assertEqual(ranks?.map(({ from, hosts }) => [from, hosts.length]), [[0, 2], [Number(last), 1]]);
      await runWell("table17", folder, ...LONG, "--accum", "2", "--out", "straight", "--run", "straight-run");
      assertEqual((await onlyResult(`${folder}/straight`)).pretrain.weights, weights);
      await shown(launcher, "dies", Object.keys(FAULTS).length);
    }),
);

testEach(
  "one rank told to stop stops all, saved; four go on where two have stopped",
  (launcher) =>
    inFolder(async (folder) => {
      const args = [...ROW, ...settings({ "pretrain.epochs": 20 })];
      const stopped = await launch([...launcher.start(2), ...train(...args)], folder, async (job) => {
        await seen(job.text, /pretrain .* [1-9] %/);
        Deno.kill(await job.rank(1), "SIGUSR2");
      });
      assertEqual(stopped.code, 75, stopped.text);
      assertTrue(/interrupted; ViTFreeze seed 0 is saved in\s.*, after step [1-9]/.test(stopped.text), stopped.text);
      const resumed = await launch([...launcher.start(4), ...train(...args, "--resume")], folder);
      assertEqual([resumed.code, resumed.code === 0 ? "" : resumed.text], [0, ""]);
      const { pretrain: { ranks } } = await onlyResult(`${folder}/runs/results`);
      assertEqual(ranks?.map(({ hosts }) => hosts.length), [2, 4]);
    }),
);

testEach(
  "a mistake that all ranks make is reported once; one that differs, by the rank that differs",
  (launcher) =>
    inFolder(async (folder) => {
      const bad = await launch([...launcher.start(2), ...train(...ROW, "--set", "pretrain.batch=0")], folder);
      assertEqual([bad.code, bad.text.match(/^error: .*$/gm)?.length], [1, 1], bad.text);
      const odd = await launch([...launcher.start(3), ...train(...ROW)], folder);
      assertEnded(odd, "Cannot share 8 x 1 images among 3 ranks", "want another number of ranks, --accum or batch");
      const [name, ...rest] = launcher.start(1), other = train(...ROW, "--set", "pretrain.baseLr=0.5");
      const differ = await launch([name, ...rest, ...train(...ROW), ":", "-n", "1", ...other], folder);
      assertEnded(differ, `error: rank 1 on ${hostname()}: Cannot go on: the command is `);
    }),
);

Deno.test({
  name: "the library of another MPI than the launcher's is refused",
  ignore: !FOUND["Open MPI"] || !FOUND.MPICH,
  fn: () =>
    inFolder(async (folder) => {
      const claim = { OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "2" };
      const end = await launch([...FOUND.MPICH!.start(2), ...probe("none")], folder, undefined, claim);
      assertEnded(end, "Cannot join the 2 processes of the launcher: Open MPI ", "sees 1, want the launcher and the");
    }),
});

Deno.test("openMpi() says what it looked for where there is no library", async () => {
  await assertRejects(
    () => openMpi("MPICH", ["libno-such-mpi.so.7"]),
    "want libno-such-mpi.so.7 where the system looks for libraries",
  );
});

Deno.test({
  name: "--distributed mpi works without a launcher; --distributed none leaves MPI alone under one",
  ignore: !FOUND["Open MPI"],
  fn: () =>
    inFolder(async (folder) => {
      await runWell("table17", folder, ...ROW, "--distributed", "mpi", "--out", "a", "--run", "ra");
      await runWell("table17", folder, ...ROW, "--out", "b", "--run", "rb");
      const words = train(...ROW, "--distributed", "none", "--out", "c", "--run", "rc");
      const { code } = await launch([...FOUND["Open MPI"]!.start(1), ...words], folder);
      assertEqual(code, 0);
      const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => onlyResult(`${folder}/${name}`)));
      assertEqual([a, c].map(computed), [b, b].map(computed));
    }),
});

const missing = await missingProgram();
Deno.test({
  name: `Slurm starts ranks on two nodes: mpirun (Open MPI) and srun --mpi=pmi2 (MPICH) compute the same${
    missing ? ` (skipped: there is no ${missing} here)` : ""
  }`,
  ignore: missing !== undefined || !FOUND["Open MPI"] || !FOUND.MPICH,
  fn: () =>
    inFolder(async (folder) => {
      const slurm = await PrivateSlurm.start(await Deno.makeTempDir({ prefix: "s" }), 2);
      try {
        const { start } = FOUND["Open MPI"]!;
        const starts = { mpirun: start(2).join(" ") + " --bind-to none", pmi2: "srun --mpi=pmi2 --kill-on-bad-exit=1" };
        for (const [name, words] of Object.entries(starts)) {
          const command = train(...ROW, "--out", name, "--run", `run-${name}`).map((word) => `'${word}'`).join(" ");
          const exports = "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1";
          await Deno.writeTextFile(`${folder}/${name}.sh`, `#!/bin/bash\n${exports}\n${words} ${command}\n`);
          const id = (await slurm.run(
            "sbatch",
            ...["--parsable", "-N2", "-n2", "-D", folder, `--output=${folder}/${name}.out`, `${folder}/${name}.sh`],
          )).trim();
          const output = () => Deno.readTextFile(`${folder}/${name}.out`).catch(() => "");
          for (const end = Date.now() + 60_000; (await slurm.run("squeue", "-h", "-j", id)) !== "";) {
            if (Date.now() > end) throw new Error(`${name} does not end:\n${await output()}`);
            await pause(300);
          }
          assertTrue(/^2 phases were run; /m.test(await output()), await output());
        }
        const [a, b] = await Promise.all(["mpirun", "pmi2"].map((name) => onlyResult(`${folder}/${name}`)));
        assertEqual(computed(a), computed(b));
        assertEqual([a, b].map(({ pretrain }) => pretrain.ranks?.[0].hosts.length), [2, 2]);
      } finally {
        await slurm.stop();
      }
    }),
});
