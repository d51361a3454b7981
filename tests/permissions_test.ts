import { exists } from "../cli/files.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { loadRecords } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { filesBelow, TINY_CI } from "./commandTools.ts";
import { madeUpLog } from "./madeUpLog.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

const ROOT = new URL("../", import.meta.url);
/** What deno.json says, as far as it is read here. */
interface Project {
  tasks: Record<string, { description: string; command: string; dependencies?: string[] }>;
  permissions: Record<string, Record<string, boolean | string[]>>;
  imports: Record<string, string>;
}
const { tasks, permissions, imports }: Project = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));

/** Tasks that may use the network, and why. */
const NETWORK: Record<string, true | string[]> = {
  "datasets:fetch": true, // it downloads data sets
  lab: ["127.0.0.1"], // it serves a page to this machine
};
/** Tasks that may start any program, and why; what they start has rights of its own. */
const ANY_PROGRAM: Record<string, string> = {
  bench: "--peer-python names the program",
  reliability: "it runs tests",
  test: "tests run every command, and strace, mount and browsers where there are any",
};
/** The name of a set of permissions among the flags. */
const SET = /^-P=(.+)$/;

/** The flags of a task and its script. A quoted part in which a shell finds a program counts as one flag. */
function partsOf(task: string): { flags: string[]; script: string; words: string[] } {
  const words = tasks[task].command.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ""));
  const script = words.findIndex((word) => word.endsWith(".ts"));
  assertEqual(words.slice(0, 2), ["deno", "run"], task);
  return { flags: words.slice(2, script), script: words[script], words: words.slice(script + 1) };
}

/** A task as a user starts it: with its own rights, and none that a prompt could add. The network is denied by name. */
function commandOf(task: string, args: readonly string[]): string[] {
  const { flags, script, words } = partsOf(task);
  return ["run", "--no-prompt", "--deny-net", ...flags, new URL(script, ROOT).pathname, ...words, ...args];
}

async function output(program: string, args: string[], cwd: string, more: Record<string, string> = {}) {
  const env = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...more }; // Deno itself looks for updates now and then
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd, env }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** Runs tasks by name with their arguments; each has to succeed, with nothing but warnings on stderr. */
async function runs(folder: string, commands: Record<string, string[]>): Promise<void> {
  for (const [task, args] of Object.entries(commands)) {
    const { code, err } = await output(Deno.execPath(), commandOf(task, args), folder);
    assertEqual([task, code, err.replace(/^warning: .*\n/gm, "")], [task, 0, ""]);
  }
}

Deno.test("every task has a set of permissions, and no set has all; one task uses the network, one answers this machine", () => {
  for (const [name, set] of Object.entries(permissions)) {
    assertEqual([name, "all" in set, "import" in set], [name, false, false]);
  }
  const used = Object.keys(tasks).map((task) => {
    const { flags } = partsOf(task),
      [name] = flags.flatMap((flag) => SET.exec(flag)?.[1] ?? []),
      set = permissions[name];
    const more = flags.filter((flag) => flag !== "-q" && !SET.test(flag));
    // The one thing that a set cannot say is where this Deno lies, which some tasks start again.
    assertEqual(more.filter((flag) => !flag.startsWith("--allow-run=$(deno eval -p 'Deno.execPath()')")), [], task);
    assertEqual(set.read, true, `${task} names no set of permissions`);
    assertEqual(set.net, NETWORK[task], `${task} and the network`);
    assertEqual(set.run === true, task in ANY_PROGRAM, `${task} and other programs`);
    return name;
  });
  assertEqual([...new Set(used)].sort(), Object.keys(permissions).sort());
});

Deno.test("every task has a line of description that fits 80 columns, and none runs without the packages", () => {
  for (const [name, { description, command, dependencies = [] }] of Object.entries(tasks)) {
    assertTrue(`    // ${description}`.length <= 80, `${name}: ${description}`);
    const ready = command.includes("commands/setup/");
    assertEqual([name, dependencies.some((task) => task.startsWith("setup"))], [name, !ready]);
  }
});

Deno.test("every task answers --help at once, on stdout, and runs nothing", () =>
  inFolder(async (folder) => {
    for (const task of Object.keys(tasks)) {
      const { code, out, err } = await output(Deno.execPath(), commandOf(task, ["--help"]), folder);
      assertEqual([task, code, err, out.startsWith("usage: deno task ")], [task, 0, "", true]);
    }
    assertEqual([...Deno.readDirSync(folder)], []);
  }));

Deno.test("repro:table17 trains, and its weights are drawn and listed, with exactly the tasks' permissions and no network", () =>
  inFolder(async (folder) => {
    const args = commandOf("repro:table17", [...TINY_CI, "--rows", "vitfreeze"]);
    const { code, err } = await output(Deno.execPath(), args, folder);
    assertEqual([code, /error|requires/i.exec(err)], [0, null], err);
    assertEqual((await filesBelow(`${folder}/runs/results`)).length, 2);
    const [pretrained] = (await filesBelow(`${folder}/runs`)).filter((name) => /^pretrain.*weights-2/.test(name));
    const weights = `${folder}/runs/${pretrained}`;
    const procedural = ["--procedural", "--count", "1", "--to", `${folder}/drawn`];
    await runs(folder, { "weights:list": [weights], visualize: [weights, ...procedural] });
    // The same without the right to load a library has to fail: flags that were not heeded would prove nothing.
    const refused = await output(Deno.execPath(), [args[0], "--deny-ffi", ...args.slice(1), "--fresh"], folder);
    assertTrue(refused.code !== 0 && /ffi access/.test(refused.err), refused.err);
  }));

Deno.test({
  name:
    "repro asks git for the commit where there is one; without git, or outside of a checkout, the record says nothing",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const commit = "0123456789".repeat(4),
        script = (status: string) =>
          `#!/bin/sh\ncase "$*" in *rev-parse*) echo ${commit};; *status*) echo "${status}";; esac\n`;
      const gits: Record<string, { script?: string; wanted: PhaseRecord["git"] }> = {
        clean: { script: script(""), wanted: { commit, clean: true } },
        changed: { script: script(" M core/errors.ts"), wanted: { commit, clean: false } },
        outside: { script: "#!/bin/sh\necho fatal: not a git repository >&2\nexit 128\n", wanted: null },
        absent: { wanted: null },
      };
      for (const [name, { script, wanted }] of Object.entries(gits)) {
        await Deno.mkdir(`${folder}/${name}`);
        if (script) await Deno.writeTextFile(`${folder}/${name}/git`, script, { mode: 0o755 });
        const flags = [...TINY_CI, "--rows", "localmim", "--run", `${name}/runs`, "--out", `${name}/results`];
        const args = commandOf("repro:table17", flags), env = { PATH: `${folder}/${name}` };
        const { code, err } = await output(Deno.execPath(), args, folder, env);
        assertEqual(code, 0, err);
        const records = (await loadRecords(`${folder}/${name}/results`)).map(({ record }) => record);
        assertEqual(records.map(({ git }) => git), [wanted, wanted], name);
      }
    }),
});

Deno.test("the tasks that read and report run with exactly their permissions and no network", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/log.txt`, madeUpLog());
    await Deno.mkdir(`${folder}/results`);
    const commands: Record<string, string[]> = {
      schedule: ["--svg", `${folder}/curves.svg`],
      cost: ["--json"],
      why: ["thesis.table17"],
      verify: [],
      "import:log": ["log.txt"],
      report: ["--out", `${folder}/report`],
    };
    await runs(folder, commands);
  }));

const golden = new URL("../shared/golden/hog_official_64.safetensors", ROOT).pathname;
const hasGolden = await exists(golden);
if (!hasGolden) console.log(`skipped: no ${golden}`);
Deno.test({
  name: "golden runs with exactly its permissions and no network",
  ignore: !hasGolden,
  fn: () => inFolder((folder) => runs(folder, { golden: [golden] })),
});

Deno.test("repro:table17 names the right that the package of another backend lacks", () =>
  inFolder(async (folder) => {
    const stub = `${folder}/backend.ts`, map = `${folder}/map.json`;
    await Deno.writeTextFile(stub, 'Deno.env.get("HOME");');
    await Deno.writeTextFile(map, JSON.stringify({ imports: { ...imports, "@tensorflow/tfjs-node": stub } }));
    const [run, ...words] = commandOf("repro:table17", [...TINY_CI, "--engine", "eager", "--backend", "tensorflow"]);
    const { code, err } = await output(Deno.execPath(), [run, "--import-map", map, ...words], folder);
    assertEqual(code, 1);
    assertTrue(err.includes('its package requires env access to "HOME", which the task does not give; want'), err);
  }));

/** The calls in a trace of strace that reach out of the machine's own file system: connects but for local sockets. */
function internetCalls(trace: string): string[] {
  return trace.split("\n").filter((line) => /\b(connect|sendto)\(.*sa_family=AF_(?!UNIX|LOCAL)/.test(line));
}

const found = await new Deno.Command("strace", { args: ["-V"], stdout: "null", stderr: "null" }).output().catch(() =>
  null
);
const traces = Deno.build.os === "linux" && found?.code === 0;
if (!traces) console.log("skipped: no strace to watch what a training run connects to");
Deno.test({
  name: "repro:table17 connects to nothing, as the kernel sees it",
  ignore: !traces,
  fn: () =>
    inFolder(async (folder) => {
      const watched = async (args: string[]) => {
        const strace = ["-f", "-qq", "-e", "trace=connect,sendto", "-o", `${folder}/trace`, Deno.execPath(), ...args];
        const ended = await output("strace", strace, folder);
        return { ...ended, calls: internetCalls(await Deno.readTextFile(`${folder}/trace`)) };
      };
      const connects = 'await Deno.connect({ hostname: "127.0.0.1", port: 9 }).catch(() => {})';
      const control = await watched(["eval", connects]);
      assertTrue(control.calls.some((line) => line.includes('inet_addr("127.0.0.1")')), "strace sees no connection");
      const { code, err, calls } = await watched(commandOf("repro:table17", [...TINY_CI, "--rows", "vitfreeze"]));
      assertEqual([code, calls], [0, []], err);
      await record("permissions-network", {
        promise: "Nothing but datasets:fetch reaches the network",
        how: "permissions of every task; tasks run with --deny-net; connect and sendto of a training run traced",
        count: "9 tasks run, 1 run traced",
      });
    }),
});
