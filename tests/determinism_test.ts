import { sha256 } from "../core/sha256.ts";
import type { Epoch, PhaseRecord } from "../records/schema.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { filesBelow } from "./commandTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

const PROBE = new URL("./trainProbe.ts", import.meta.url).pathname;

/** What a phase came to, without times. */
interface Ended extends Pick<PhaseRecord, "events" | "weights" | "metrics"> {
  epochs: Pick<Epoch, "losses">[];
}

/** All that a process computed: what its phases came to, and the bytes of their weights by file. */
interface Computed {
  phases: [pretrain: Ended, finetune: Ended];
  files: Record<string, string>;
}

/**
 * Trains in a process of its own: six steps and freezes of the ci model, which is large enough that ONNX Runtime deals
 * its work out to its threads, then two of fine-tuning.
 */
async function train(folder: string, threads: number): Promise<Computed> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", PROBE, folder, String(threads)],
  }).output();
  assertEqual(code, 0, new TextDecoder().decode(stderr));
  const saved = (await filesBelow(folder)).filter((path) => path.endsWith(".safetensors"));
  const hashes = saved.map(async (path) => [path, sha256(await Deno.readFile(`${folder}/${path}`))]);
  return {
    phases: JSON.parse(new TextDecoder().decode(stdout)),
    files: Object.fromEntries(await Promise.all(hashes)),
  };
}

/** What two processes computed, which has to be one and the same. */
async function trainTwice(folder: string, threads: number): Promise<Computed> {
  const first = await train(`${folder}/${threads}-first`, threads), { phases: [pretrain], files } = first;
  assertEqual(first, await train(`${folder}/${threads}-second`, threads));
  assertTrue(pretrain.events.some(({ kind }) => kind === "freeze"), "nothing froze: too little is compared");
  for (const name of ["pretrain/weights-3.safetensors", "finetune/weights-1.safetensors"]) {
    assertTrue(name in files, `${name} is not saved`);
  }
  assertTrue(pretrain.epochs[0].losses.loss !== pretrain.epochs[1].losses.loss, "the loss never changes");
  return first;
}

Deno.test("two processes train to the same losses, freezes and bytes of weights, on one thread and on two", () =>
  inFolder(async (folder) => {
    const [{ phases: [one] }, { phases: [two] }] = [await trainTwice(folder, 1), await trainTwice(folder, 2)];
    const same = one.weights[3] === two.weights[3];
    console.log(`one and two threads: ${same ? "the same" : "other"} bits of the pre-trained weights here`);
    assertEqual(one.events, two.events);
    const [loss, other] = [one, two].map(({ epochs }) => epochs[2].losses.loss!);
    // Sums in another order, over six steps of float32.
    assertTrue(Math.abs(loss - other) < 1e-4 * loss, `losses ${loss} and ${other}`);
    await record("determinism", {
      promise: "The same seed, machine, engine and number of threads give the same bytes",
      how: "a run in two processes, on one thread and on two; losses, freezes, saved weights",
      count: `4 runs; one and two threads gave ${same ? "the same" : "other last"} bits`,
    });
  }));
