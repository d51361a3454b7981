import { arrayScript } from "../commands/grid/slurm/script.ts";
import { isQueued, jobsOf } from "../commands/grid/slurm/submitted.ts";
import { levelsOf } from "../commands/grid/slurm/levels.ts";
import { planGrid } from "../commands/grid/plan.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { loadRecords } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { SCRIPTS, settings, TINY_CI } from "./commandTools.ts";
import { leave, recordOf, request } from "./gridTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";
import { isPending, missingProgram, pause, PrivateSlurm, processesOf } from "./slurmTools.ts";

const SIGUSR2 = 12;
/** Seconds that a step of the test may take on a busy machine. */
const PATIENCE = 90;

const OPTIONS = { cpus: 2, requeue: true, warn: 60 };

Deno.test("arrayScript() asks Slurm for what the flags say", () => {
  const tasks = [0, 1, 2].map((index) => ({ index, command: ["deno", "a b'c"], log: `/g/${index}.log` }));
  const place = { folder: "/work it", output: "/g/%A.log" };
  const options = { ...OPTIONS, partition: "cpu", time: 30, mem: 900, jobs: 2 };
  const lines = arrayScript("grid", tasks, options, place).split("\n");
  assertEqual(lines.filter((line) => line.startsWith("#SBATCH ")).map((line) => line.slice(8)), [
    "--job-name=grid",
    "--array=0,1,2%2",
    "--partition=cpu",
    "--ntasks=1",
    "--cpus-per-task=2",
    "--mem=900",
    "--time=30",
    "--signal=B:USR2@60",
    "--requeue",
    "--open-mode=append",
    '--output="/g/%A.log"',
  ]);
  assertTrue(
    lines.includes("cd '/work it' || exit 1") && lines.includes("  set -- deno 'a b'\\''c'"),
    lines.join("\n"),
  );
  const once = arrayScript("grid", tasks, { cpus: 1, requeue: false, warn: 60 }, place);
  assertTrue(once.includes("#SBATCH --no-requeue\n") && !once.includes("scontrol"), once);
});

Deno.test({
  name: "arrayScript() passes signals on, waits for the run, and asks for another start when warned alone",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const bin = `${folder}/scontrol`;
      await Deno.writeTextFile(bin, `#!/bin/sh\necho "scontrol $*"\n`, { mode: 0o755 });
      // It answers a signal after a while, with the exit code that its first argument names.
      const program = `trap 'sleep 0.3; echo told; exit '$0 USR2 TERM; echo ready; while :; do sleep 0.05; done`;
      const run = async (code: number, signal: Deno.Signal, text = program) => {
        const log = `${folder}/${code}.log`, tasks = [{ index: 3, command: ["bash", "-c", text, `${code}`], log }];
        await Deno.writeTextFile(
          `${folder}/job.sh`,
          arrayScript("grid", tasks, OPTIONS, { folder, output: "/dev/null" }),
        );
        const env = { PATH: `${folder}:${Deno.env.get("PATH")}`, SLURM_ARRAY_JOB_ID: "7", SLURM_ARRAY_TASK_ID: "3" };
        const child = new Deno.Command("bash", { args: [`${folder}/job.sh`], env }).spawn();
        const written = () => Deno.readTextFile(log).catch(() => "");
        while (!(await written()).includes("ready")) await pause(20);
        child.kill(signal);
        const ended = await child.status;
        return [ended.code, ...(await written()).trimEnd().split("\n").slice(1)];
      };
      assertEqual(await run(75, "SIGUSR2"), [75, "ready", "told", "== exit code 75", "scontrol requeue 7_3"]);
      // The warning came before the run could listen: it ends by it, and has lost nothing.
      const deaf = "echo ready; exec sleep 9";
      assertEqual(await run(140, "SIGUSR2", deaf), [140, "ready", "== exit code 140", "scontrol requeue 7_3"]);
      assertEqual(await run(143, "SIGTERM"), [143, "ready", "told", "== exit code 143"]);
      assertEqual(await run(0, "SIGUSR2"), [0, "ready", "told", "== exit code 0"]);
    }),
});

Deno.test("jobsOf() tells the latest job of each cell, whether it has ended or not", () => {
  const arrays = [{ job: "5", cells: { "0": "a", "1": "b" } }, { job: "9", cells: { "0": "b", "1": "c" } }];
  const jobs = jobsOf(arrays, "5_7|x\n5|0|TIMEOUT|n0\n5|1|RUNNING|n1\n9|0|PENDING|(Begin|Time)\n77|0|RUNNING|n0");
  assertEqual(Object.fromEntries(jobs), {
    a: { job: "5_0", state: "TIMEOUT", where: "n0" },
    b: { job: "9_0", state: "PENDING", where: "(Begin|Time)" },
  });
  assertEqual([...jobs.values()].map(isQueued), [false, true]);
});

Deno.test("levelsOf() puts what starts from others behind them, also behind what was submitted before", () => {
  const { cells } = planGrid(request({ rows: ["localmim", "vitfreeze"], probes: ["knn"] }));
  const levels = (...args: Parameters<typeof levelsOf>) =>
    levelsOf(...args).map(({ cells, after }) => [...cells.map(({ phase: { kind } }) => kind), ...after].join(" "));
  const none = new Map<string, string>();
  assertEqual(levels(cells, none), ["pretrain pretrain", "finetune knn finetune knn"]);
  assertEqual(levels(cells.slice(1), none), ["finetune knn pretrain", "finetune knn"]);
  assertEqual(levels(cells.slice(1), new Map([[cells[0].name, "12"]])), ["finetune knn pretrain 12", "finetune knn"]);
  assertEqual(levels([], none), []);
});

Deno.test({
  name: "grid --slurm submits an array for each level after the one before, and only what is neither done nor queued",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o755 });
      // The number of a job is that of the calls so far; the queue is what a file says.
      await write("sbatch", `#!/bin/sh\necho "$*" >> ${folder}/calls\nwc -l < ${folder}/calls | tr -d ' '\n`);
      await write("squeue", `#!/bin/sh\ncat ${folder}/queue\n`);
      const grid = async (...args: string[]) => {
        const script = new URL(`../${SCRIPTS.grid}`, import.meta.url).pathname;
        const env = { NO_COLOR: "1", PATH: `${folder}:${Deno.env.get("PATH")}` };
        const options = { args: ["run", "-A", script, ...args], env, cwd: folder };
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
        assertEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
        return new TextDecoder().decode(stdout);
      };
      const calls = async () => (await Deno.readTextFile(`${folder}/calls`)).trimEnd().split("\n");
      const words = ["table17", "--profile", "ci", "--rows", "localmim", "--run", "g", "--name", "n", "--slurm"];
      const first = await grid(...words, "--seeds", "2");
      assertTrue(first.includes("\nSubmitted 2 phases as job array 1, then 2 phases as job array 2.\n"), first);
      const place = "g/grids/n";
      assertEqual(await calls(), [
        `--parsable ${place}/array-0.sh`,
        `--parsable --dependency=afterany:1 ${place}/array-1.sh`,
      ]);
      const [pre, fine] = planGrid(request({ rows: ["localmim"] })).cells;
      const script = await Deno.readTextFile(`${folder}/${place}/array-1.sh`);
      assertTrue(script.includes(` --phase ${fine.key} --run `) && script.includes(" --threads 1\n"), script);
      // The queue still holds the second pre-training and all that rests on them; the first is done, its result is not.
      await write("queue", "1|1|RUNNING|n0\n2|0|PENDING|(Dependency)\n2|1|PENDING|(Dependency)\n");
      await leave(`${folder}/g`, pre, "record.json", recordOf(pre));
      const shown = await grid(...words.slice(0, -1), "--seeds", "2", "--status");
      assertTrue(/waiting: its record has to be copied +-\n/.test(shown), shown);
      assertTrue(
        /waiting +1_1 RUNNING n0\n/.test(shown) && /its start +2_0 PENDING \(Dependency\)\n/.test(shown),
        shown,
      );
      // A longer fine-tuning of the second is new: it waits for the array in which its start is.
      const second = await grid(...words, "--seeds", "2", "--probes", "knn");
      assertTrue(second.includes("\nSubmitted 2 phases as job array 3, then 1 phase as job array 4.\n"), second);
      assertEqual((await calls()).slice(2), [
        `--parsable --dependency=afterany:1 ${place}/array-0.sh`,
        `--parsable --dependency=afterany:3 ${place}/array-1.sh`,
      ]);
    }),
});

const missing = await missingProgram();
if (missing) console.log(`skipped: the grid on a real Slurm; ${missing} is not here (Debian: slurm-wlm and munge)`);

/** Eight runs of sixteen phases: two learning rates, two rows, two seeds. */
function grid(run: string): string[] {
  const cells = ["--rows", "localmim,vitfreeze", "--seeds", "2", "--set", "pretrain.baseLr=0.012,0.006"];
  const longer = TINY_CI.map((word) => word === "pretrain.epochs=2" ? "pretrain.epochs=30" : word);
  // The checkout may be edited while the test runs.
  const passed = ["--threads", "1", "--any-code"];
  return ["table17", ...longer, ...settings({ "freeze.t0": 0.95 }), ...cells, ...passed, "--run", run, "--name", "n"];
}

/** Polls until there is an answer. */
async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + PATIENCE * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${PATIENCE} s for ${what}`);
    await pause(100);
  }
}

/** What the records say that a phase has computed, by its key. */
async function computed(folder: string): Promise<Record<string, unknown>> {
  const entry = ({ key, weights, metrics, events }: PhaseRecord) => [key, { weights, metrics, events }] as const;
  const all = (await loadRecords(folder)).map(({ record }) => entry(record));
  assertEqual(new Set(all.map(([key]) => key)).size, all.length, "a phase has two records");
  return Object.fromEntries(all.sort(([a], [b]) => a < b ? -1 : 1));
}

/** A submitted grid, and the means to follow its tasks. */
class Submitted {
  constructor(readonly run: string, readonly job: string, readonly cells: Record<string, string>) {}

  log(task: number): Promise<string> {
    return Deno.readTextFile(`${this.run}/grids/n/logs/${this.cells[task]}.log`).catch(() => "");
  }

  /** The process that trains a task, once it does: stopped, so that it stays in its middle. */
  async hold(task: number): Promise<number> {
    await until(`task ${task} to train`, async () => (await this.log(task)).includes("  pretrain "));
    const lock = await Deno.readTextFile(`${this.run}/${this.cells[task]}/lock`),
      pid = Number(/^process (\d+) /.exec(lock)![1]);
    Deno.kill(pid, "SIGSTOP");
    return pid;
  }
}

Deno.test({
  name: "grid --slurm: requeued, warned of its time, or its node lost, every phase ends once and computes the same",
  ignore: missing !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "grid-" });
    let slurm: PrivateSlurm | undefined;
    const command = async (...args: string[]) => {
      const script = new URL(`../${SCRIPTS.grid}`, import.meta.url).pathname, env = { NO_COLOR: "1", ...slurm?.env };
      const deno = new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, ...args], env, cwd: folder });
      const { code, stdout, stderr } = await deno.output(), text = new TextDecoder();
      return { code, out: text.decode(stdout), err: text.decode(stderr) };
    };
    try {
      try {
        slurm = await PrivateSlurm.start(`${folder}/slurm`, 2);
      } catch (error) {
        console.log(`skipped: the grid on a real Slurm, which does not start here: ${(error as Error).message}`);
        return;
      }
      const here = command(...grid("here"));
      const sent = await command(...grid("there"), "--slurm", "--time", "10", "--requeue", "--warn", "30");
      assertEqual([sent.code, sent.err], [0, ""]);
      const job = /\nSubmitted 8 phases as job array (\d+), then 8 phases as job array \d+\.\n/.exec(sent.out)![1];
      const run = `${folder}/there`, { cells } = JSON.parse(await Deno.readTextFile(`${run}/grids/n/jobs/${job}.json`));
      const array = new Submitted(run, job, cells), place = (task: number) => nodeOf(slurm!, `${job}_${task}`);
      const twice = await command(...grid("there"), "--slurm");
      assertTrue(twice.out.endsWith("\nNothing to do.\n"), twice.out);

      // The first is put back into the queue; the second is held until Slurm warns it that its time is nearly up.
      const [first, second] = [await array.hold(0), await array.hold(1)];
      await slurm.run("scontrol", "requeue", `${job}_0`);
      await slurm.run("scontrol", "update", `JobId=${job}_1`, "TimeLimit=1");
      const status = await command("--run", "there", "--status");
      assertTrue(new RegExp(` running: by process ${second} .* ${job}_1 RUNNING n\\d\n`).test(status.out), status.out);
      // The third loses its node, lives on all the same, and is started a second time beside itself.
      const third = await array.hold(2), lost = (await place(2))!;
      await slurm.killNode(lost);
      await until("the warning", () => isPending(second, SIGUSR2));
      Deno.kill(second, "SIGCONT");
      await until("the second start of task 2", async () => (await array.log(2)).includes(`process ${third} on `));
      assertTrue((await place(2)) !== lost, "the second start is on the lost node");
      Deno.kill(third, "SIGCONT");
      await slurm.startNode(lost);

      await until("the queue to be empty", async () => (await slurm!.jobs()).length === 0);
      const collected = await command("--run", "there", "--collect");
      assertTrue(
        collected.out.endsWith("16 of 16 phases have a verified record; 0 missing, 0 doubled, 0 broken\n"),
        collected.out,
      );
      assertEqual([(await here).code, collected.code], [0, 0]);
      const straight = await computed(`${folder}/here/results`);
      assertEqual([Object.keys(straight).length, await computed(`${run}/results`)], [16, straight]);
      // It did happen.
      const [requeued, warned, doubled] = await Promise.all([0, 1, 2].map((task) => array.log(task)));
      assertTrue(first > 0 && requeued.includes("restarts: 1"), requeued);
      assertTrue(warned.includes("== exit code 75\n") && warned.includes("restarts: 1"), warned);
      assertTrue(doubled.includes("restarts: 1") && doubled.includes("this run goes on when that has ended"), doubled);
      await record("slurm", {
        promise: "Whatever the scheduler does, each phase of a grid ends with one record, the same as a local run's",
        how:
          "a real Slurm of two nodes: one phase requeued, one warned of its time limit, one started twice beside itself " +
          "after its slurmd was killed with -9",
        count: "16 phases, 16 records, 0 doubled",
      });
    } finally {
      await slurm?.stop();
      // Those of a job that was ended may take some seconds more.
      let left = await processesOf(folder);
      for (let k = 0; k < 40 && left.length > 0; k++) {
        await pause(500);
        left = await processesOf(folder);
      }
      for (const pid of left) Deno.kill(pid, "SIGKILL");
      await Deno.remove(folder, { recursive: true });
      assertEqual(left, [], "processes were left over");
    }
  },
});

/** The node that a task runs on. */
async function nodeOf(slurm: PrivateSlurm, task: string): Promise<string | undefined> {
  return (await slurm.jobs()).map((line) => line.split(" ")).find(([job, state]) => job === task && state === "RUNNING")
    ?.[2];
}
