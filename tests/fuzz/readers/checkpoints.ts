import { join } from "node:path";
import fc from "fast-check";
import { UserError } from "../../../core/errors.ts";
import { Arena } from "../../../core/engine/arena.ts";
import type { Progress } from "../../../training/checkpoint/progress.ts";
import { type KeeperOptions, PhaseKeeper } from "../../../training/checkpoint/phaseKeeper.ts";
import { sha256 } from "../../../core/sha256.ts";
import { assertEqual } from "../../assert.ts";
import { madeUpPretraining } from "../../madeUpRecords.ts";
import { mutants, mutate } from "../edits.ts";
import { editJson, jsonEdit, jsonText } from "../jsonEdits.ts";
import { fuzzReader } from "../reader.ts";

const PARAMETERS = [{ name: "w", shape: [3, 4] }, { name: "b", shape: [4] }];
const METADATA = { format: "vitfreeze" };
/** What a run's folder holds after a checkpoint. */
const NAME = "checkpoint-00000005", FILES = [`${NAME}.json`, `${NAME}.safetensors`, "phase.json", "latest.json"];
const [JSON_FILE, TENSORS] = FILES;

async function writeRun(options: KeeperOptions, arena: Arena): Promise<Uint8Array[]> {
  const { epochs, events } = madeUpPretraining("vitfreeze");
  const sums = { losses: { loss: 3 }, counts: { loss: 1 }, seconds: { step: 1 }, wall: 2, exchangedBytes: 0 };
  const progress: Progress = { epochs, events, weights: {}, sums };
  const keeper = await PhaseKeeper.open(options, "2026-01-02T03:04:05Z");
  await keeper.save({ arena, collect() {}, iteration: 5, progress });
  return await Promise.all(FILES.map((name) => Deno.readFile(join(options.folder, name))));
}

/** A checkpoint's JSON that names the hash of the given tensors. */
function sealed(json: Uint8Array, tensors: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(json);
  return new TextEncoder().encode(text.replace(/(?<="sha256":")[0-9a-f]{64}/, sha256(tensors)));
}

/** A run's folder with one file changed. What is accepted must fill every weight; a run that begins anew is refused here. */
export const checkpoints = fuzzReader("checkpoints", 3, async (parent) => {
  const options: KeeperOptions = {
    folder: join(parent, "run"),
    run: { row: "vitfreeze", config: { epochs: 3, schedule: { t0: 0.8 } } },
    metadata: METADATA,
    mayDiffer: [],
    keep: 1,
    due: () => true,
    say: () => {},
  };
  const samples = await writeRun(options, new Arena(PARAMETERS)), text = new TextEncoder();
  const values = samples.map((bytes, i) =>
    FILES[i] === TENSORS ? undefined : JSON.parse(new TextDecoder().decode(bytes))
  );
  const change = fc.oneof(
    fc.record({ mutant: mutants(samples.length) }),
    fc.record({ file: fc.constantFrom(0, 2, 3), edits: fc.array(jsonEdit, { maxLength: 2 }) }),
  );
  return {
    inputs: fc.record({ change, sealedAgain: fc.boolean() }),
    async read({ change, sealedAgain }) {
      const changed = "mutant" in change ? change.mutant.sample : change.file;
      const bytes = "mutant" in change
        ? mutate(samples, change.mutant)
        : text.encode(jsonText(editJson(values[changed], change.edits)));
      for (const [i, name] of FILES.entries()) {
        const whole = i === changed
          ? bytes
          : name === JSON_FILE && sealedAgain && FILES[changed] === TENSORS
          ? sealed(samples[i], bytes)
          : samples[i];
        await Deno.writeFile(join(options.folder, name), whole);
      }
      const arena = new Arena(PARAMETERS);
      for (const { name } of PARAMETERS) arena.view(name).fill(NaN);
      const keeper = await PhaseKeeper.open(options, "2026-01-02T03:04:05Z"), restored = await keeper.restore(arena);
      if (!restored) throw new UserError("Cannot go on: there is no whole checkpoint");
      assertEqual(Number.isInteger(restored.iteration) && restored.iteration >= 0, true);
    },
  };
});
