import sharp from "sharp";
import { assertEqual, assertTrue } from "./assert.ts";

/** The tasks of deno.json by their scripts. */
export const SCRIPTS = {
  repro: "commands/repro/main.ts",
  schedule: "commands/schedule/main.ts",
  grid: "commands/grid/main.ts",
  evidence: "commands/grid/evidence.ts",
  golden: "commands/golden/main.ts",
  report: "commands/report/main.ts",
  verify: "commands/verify/main.ts",
  "weights:export": "commands/weights/export.ts",
  "weights:import": "commands/weights/import.ts",
  "weights:list": "commands/weights/list.ts",
  why: "commands/why/main.ts",
};
/** A task, or Table 17 as `deno task repro:table17` runs it. */
type Task = keyof typeof SCRIPTS | "table17";

/** What a command printed, and how it ended. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** `--set` words for a model of 4 x 4 tokens that trains in a second. */
export const TINY = settings({
  "model.imageSize": 32,
  "model.embedDim": 12,
  "model.numHeads": 3,
  "model.decoderDim": 8,
  "model.decoderHeads": 2,
  "pretrain.epochs": 2,
  "pretrain.warmupEpochs": 0.5,
  "pretrain.batch": 8,
  "finetune.epochs": 1,
  "finetune.warmupEpochs": 0,
  "finetune.batch": 8,
});

/** The tiny model on 32 generated images. */
export const TINY_CI = ["--profile", "ci", ...TINY, ...settings({ "data.train": 32, "data.test": 12 })];

/** `--set` words for the given keys. */
export function settings(values: Record<string, unknown>): string[] {
  return Object.entries(values).flatMap(([key, value]) => ["--set", `${key}=${JSON.stringify(value)}`]);
}

/** Words of a command line in which a flag, or a `--set` of a key, takes the place of an earlier one. */
export function overridden(args: readonly string[]): string[] {
  const parts: string[][] = [];
  for (const word of args) {
    if (word.startsWith("--") || parts.length === 0) parts.push([word]);
    else parts.at(-1)!.push(word);
  }
  const name = ([flag, value]: string[]) => flag === "--set" ? `${flag} ${value?.split("=")[0]}` : flag;
  return parts.filter((part, k) => part[0] === "--data" || !parts.slice(k + 1).some((one) => name(one) === name(part)))
    .flat();
}

/** Starts a task's script, as `deno task` would, in a folder. */
export function spawn(
  task: Task,
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  const [name, ...first] = task === "table17" ? ["repro", "thesis.table17"] as const : [task];
  const script = new URL(`../${SCRIPTS[name]}`, import.meta.url).pathname;
  const options = { cwd: folder, env: { NO_COLOR: "1", ...env }, stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, ...first, ...overridden(args)], ...options })
    .spawn();
}

/** Runs a task in a folder to its end. */
export async function run(task: Task, folder: string, ...args: string[]): Promise<Ended> {
  return await ended(spawn(task, folder, args));
}

/** How a process ends. */
export async function ended(child: Deno.ChildProcess): Promise<Ended> {
  const { code, stdout, stderr } = await child.output(), text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** Runs a task that has to succeed. */
export async function runWell(task: Task, folder: string, ...args: string[]): Promise<Ended> {
  const ended = await run(task, folder, ...args);
  assertEqual([ended.code, ended.code === 0 ? "" : ended.err], [0, ""]);
  return ended;
}

/** Fails unless a command ended with code 1 and one line on stderr that starts with "error: " and holds the words. */
export function assertRefused({ code, err }: Ended, ...words: string[]): void {
  assertEqual(code, 1, `exit code ${code}: ${err}`);
  assertTrue(/^error: [^\n]+\n$/.test(err), `want one line that starts with "error: ", got:\n${err}`);
  for (const word of words) assertTrue(err.includes(word), `'${err.trimEnd()}' lacks '${word}'`);
}

/** All files below a folder, sorted; none when it is not there. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) found.push(...(await filesBelow(`${folder}/${name}`)).map((inner) => `${name}/${inner}`));
      else found.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

/** Writes train/<class>/<0 … 3>.jpg and val/ of the same form, three classes of grey noise. */
export async function writeImages(folder: string): Promise<void> {
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  for (const split of ["train", "val"]) {
    for (const name of ["cat", "dog", "eel"]) {
      await Deno.mkdir(`${folder}/${split}/${name}`, { recursive: true });
      for (let i = 0; i < 4; i++) {
        const image = sharp({ create: { width: 40, height: 36, channels: 3, background: "grey", noise } });
        await image.jpeg().toFile(`${folder}/${split}/${name}/${i}.jpg`);
      }
    }
  }
}
