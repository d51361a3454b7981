import fc from "fast-check";
import config from "../deno.json" with { type: "json" };
import { MOST_VALUES } from "../core/parallel/ranks.ts";
import { detectLaunch, LAUNCH_VARIABLES } from "../distributed/launch.ts";
import { decode, emptyMessage, encode, type Message, outcome, placeOf } from "../distributed/meeting.ts";
import { openMpi } from "../distributed/mpi/library.ts";
import { parseTask } from "../cli/task.ts";
import { SUPERVISED } from "../distributed/supervise.ts";
import { bindingHint, threadsOf } from "../distributed/threads.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

/** What is found with these variables in the environment. */
const detect = (variables: Partial<Record<typeof LAUNCH_VARIABLES[number], string>>) =>
  detectLaunch((name) => variables[name]);

Deno.test("detectLaunch() knows Open MPI, MPICH and Slurm's pmix by their variables, in this order", () => {
  const ompi = { OMPI_COMM_WORLD_RANK: "2", OMPI_COMM_WORLD_SIZE: "4" }, pmi = { PMI_RANK: "0", PMI_SIZE: "3" };
  const pmix = { PMIX_RANK: "1", SLURM_STEP_NUM_TASKS: "2" };
  assertEqual(detect(ompi), { family: "Open MPI", rank: 2, size: 4 });
  assertEqual(detect(pmi), { family: "MPICH", rank: 0, size: 3 });
  assertEqual(detect(pmix), { family: "Open MPI", rank: 1, size: 2 });
  assertEqual(detect({ ...pmix, ...pmi }), { family: "MPICH", rank: 0, size: 3 });
  assertEqual(detect({ ...pmix, ...pmi, ...ompi }), { family: "Open MPI", rank: 2, size: 4 });
  // srun --mpi=pmi2 says both.
  assertEqual(detect({ ...pmi, SLURM_STEP_NUM_TASKS: "3" }), { family: "MPICH", rank: 0, size: 3 });
});

Deno.test("detectLaunch() takes one process for no job, whatever the variables say", async () => {
  const ompi = { OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "1" }, pmi = { PMI_RANK: "0", PMI_SIZE: "1" };
  const step = { SLURM_STEP_NUM_TASKS: "1" };
  for (const alone of [ompi, pmi, step, { ...step, PMIX_RANK: "0" }, { ...ompi, ...pmi, ...step }]) {
    assertEqual(detect(alone), undefined);
  }
  assertEqual(detect({ ...ompi, PMI_RANK: "1", PMI_SIZE: "2" }), { family: "MPICH", rank: 1, size: 2 });
  // Left over from the shell around it, they make the tasks of a step no ranks.
  await assertRejects(() => detect({ ...pmi, SLURM_STEP_NUM_TASKS: "4" }), "Cannot share a run among 4 tasks");
});

Deno.test("openMpi() says how to do without where there is no library", async () => {
  const message = await assertRejects(() => openMpi("MPICH", ["libnone.so.0"]), "Cannot load MPICH: ");
  assertTrue(message.endsWith("; one process alone needs none: --distributed none"), message);
});

Deno.test("detectLaunch() finds nothing without a launcher, nor in variables that make no rank of a job", () => {
  assertEqual(detect({}), undefined);
  assertEqual(detect({ SLURM_STEP_NUM_TASKS: "1" }), undefined);
  assertEqual(detect({ PMIX_RANK: "0" }), undefined);
  assertEqual(detect({ OMPI_COMM_WORLD_RANK: "0" }), undefined);
  assertEqual(detect({ PMI_SIZE: "2" }), undefined);
  for (const rank of ["2", "-1", "", "1.0", "one", " 1"]) {
    assertEqual(detect({ PMI_RANK: rank, PMI_SIZE: "2" }), undefined, `rank '${rank}' of 2`);
  }
});

Deno.test("detectLaunch() refuses tasks of a Slurm step that would each do the whole run", async () => {
  for (const more of [{}, { PMI_RANK: "0" }, { PMIX_RANK: "4" }]) {
    const message = await assertRejects(() => detect({ SLURM_STEP_NUM_TASKS: "4", ...more }), "Cannot share");
    assertEqual(
      message,
      "Cannot share a run among 4 tasks of a Slurm step: they were started without MPI, " +
        "want srun --mpi=pmi2 (MPICH), srun --mpi=pmix (Open MPI) or mpirun",
    );
  }
});

Deno.test("detectLaunch() reads the variables that a task is allowed to read, and no other", () => {
  const allowed: string[] = config.permissions.train.env, read: string[] = [];
  detectLaunch((name) => void read.push(name));
  assertEqual(new Set(read), new Set(LAUNCH_VARIABLES));
  assertEqual([...LAUNCH_VARIABLES, SUPERVISED].filter((name) => !allowed.includes(name)), []);
});

Deno.test("threadsOf() shares a machine's cores among its ranks, at least one each, within what the launcher leaves", () => {
  const table: [string[], number, number, number, number][] = [
    // hosts, rank, cores, available: threads
    [[""], 0, 8, 8, 8],
    [["a", "a"], 0, 8, 8, 4],
    [["a", "a"], 1, 8, 4, 4],
    [["a", "a"], 1, 8, 2, 2],
    [["a", "b"], 0, 8, 8, 8],
    [["a", "b", "a"], 2, 9, 9, 4],
    [["a", "b", "a"], 1, 9, 9, 9],
    [["a", "a", "a", "a"], 3, 2, 2, 1],
    [["a", "a"], 0, 64, 1, 1],
  ];
  for (const [hosts, rank, cores, available, threads] of table) {
    assertEqual(
      threadsOf(hosts, rank, { all: cores, available }),
      threads,
      `rank ${rank} of ${hosts} with ${cores} cores`,
    );
  }
});

Deno.test("bindingHint() speaks of ranks that are bound to one core though there are more, and of no others", () => {
  const hint = (hosts: string[], all: number, available: number) => bindingHint(hosts, 0, { all, available });
  assertEqual(
    hint(["a", "a"], 16, 1),
    "each rank may use one core of 16, as Open MPI binds two ranks; " +
      "where the machine is free, mpirun --bind-to none gives each 8",
  );
  const silent = [hint(["a", "a"], 2, 1), hint(["a"], 16, 1), hint(["a", "a"], 16, 4), hint(["a", "b"], 1, 1)];
  assertEqual(silent, [undefined, undefined, undefined, undefined]);
});

const messages: fc.Arbitrary<Message> = fc.record({
  place: fc.nat({ max: 2 ** 32 - 1 }),
  stop: fc.integer({ min: 0, max: 3 }),
  values: fc.array(fc.double(), { maxLength: MOST_VALUES }),
}, { noNullPrototype: true });

Deno.test("decode() gives what encode() was given, in messages of one length", async () => {
  fc.assert(fc.property(messages, (message) => {
    const written = encode(message);
    assertEqual(written.length, emptyMessage().length);
    assertEqual(decode(written), message); // tells -0 from 0 and takes NaN for NaN
  }));
  assertEqual(emptyMessage().length, 3 + 30);
  await assertRejects(
    () => encode({ place: 0, stop: 0, values: new Array(31).fill(0) }),
    /^Cannot add up 31 values: want at most 30$/,
  );
});

Deno.test("placeOf() is FNV-1a over UTF-8", () => {
  // The first three are the authors' test vectors (http://www.isthe.com/chongo/tech/comp/fnv/).
  assertEqual(["", "a", "foobar"].map(placeOf), [0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  assertTrue(placeOf("pre-training step 1") !== placeOf("pre-training step 2"), "two steps are one place");
});

/** What several ranks bring to one meeting. */
const brought = (...values: number[][]): Message[] => values.map((each) => ({ place: 5, stop: 0, values: each }));

Deno.test("outcome() adds up in the order of the ranks", () => {
  // 1e16 + 1 is 1e16 in float64.
  const ranks = brought([1e16, 0.1, -0], [1, 0.2, -0], [-1e16, 0.3, -0], [1, 0.4, -0]);
  assertEqual(outcome(ranks, "here"), { place: 5, stop: 0, values: [1, 1, -0] });
  assertEqual(outcome(ranks.toReversed(), "here").values, [0, 0.9999999999999999, -0]);
  const pairs = brought([1e16], [-1e16], [1], [1]);
  assertEqual(outcome(pairs, "here").values, [2]);
  assertEqual(outcome(brought([], []), "here").values, []);
});

Deno.test("outcome() passes on the first stop, wherever the others are", () => {
  const stop = (place: number, signal: number): Message => ({ place, stop: signal, values: [1] });
  assertEqual(outcome([stop(5, 0), stop(5, 2), stop(5, 1)], "here"), { place: 5, stop: 2, values: [] });
  assertEqual(outcome([stop(5, 0), stop(6, 3)], "here"), { place: 5, stop: 3, values: [] });
  assertEqual(outcome([stop(5, 1), { ...stop(6, 0), values: [] }], "here"), { place: 5, stop: 1, values: [] });
});

Deno.test("outcome() refuses ranks that are about to do different things, or bring different numbers of values", async () => {
  const here: Message = { place: placeOf("step 2"), stop: 0, values: [1] };
  const refused = (other: Partial<Message>) =>
    assertRejects(() => outcome([here, here, { ...here, ...other }], "step 2"), "");
  const message = "Cannot go on with step 2: rank 2 is about to do something else";
  assertEqual(await refused({ place: placeOf("step 3") }), message);
  assertEqual(await refused({ values: [] }), message);
  assertEqual(await refused({ values: [1, 2] }), message);
});

Deno.test("parseTask() gives a task's own permissions and script, without the right to start programs", () => {
  const script = (path: string) => new URL(`../${path}`, import.meta.url).pathname;
  assertEqual(
    parseTask(
      "deno run -q --allow-read \"--allow-run=$(deno eval -p 'Deno.execPath()'),sbatch\" commands/grid/main.ts",
    ),
    { permissions: ["-q", "--allow-read"], script: script("commands/grid/main.ts") },
  );
  assertEqual(parseTask("deno run --allow-run --allow-ffi a.ts"), {
    permissions: ["--allow-ffi"],
    script: script("a.ts"),
  });
  const { command } = config.tasks["repro:table17"];
  assertEqual(parseTask(command), {
    permissions: ["-q", "-P=train", "--allow-run=git,lscpu"], // of what the task may start, what is started may start these
    script: script("commands/repro/main.ts"),
  });
  assertTrue(/"--allow-run=[^"]+,git,lscpu"/.test(command), "the task starts no programs: nothing was left out");
});
