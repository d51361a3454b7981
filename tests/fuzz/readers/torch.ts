import { unzipSync, zipSync } from "fflate";
import fc from "fast-check";
import { sizeOf } from "../../../core/engine/program.ts";
import { readTorchFile } from "../../../training/weights/torch/readTorchFile.ts";
import { stateDict } from "../../../training/weights/torch/stateDict.ts";
import { assertEqual } from "../../assert.ts";
import { mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

const FIXTURES = new URL("../../fixtures/torch/", import.meta.url);

/** Files of torch.save, changed in the archive or in the pickle alone. What is accepted must give all its tensors. */
export const torch = fuzzReader("torch", 4, async () => {
  const names = [...Deno.readDirSync(FIXTURES)].map(({ name }) => name).filter((name) => name.endsWith(".pth")).sort();
  const samples = await Promise.all(names.map((name) => Deno.readFile(new URL(name, FIXTURES))));
  const archives = samples.filter(([first]) => first === 0x50).map((bytes) => unzipSync(bytes));
  const pickleOf = (files: Record<string, Uint8Array>) =>
    Object.keys(files).find((name) => name.endsWith("/data.pkl"))!;
  const pickles = archives.map((files) => files[pickleOf(files)]);
  const inputs = fc.oneof(
    fc.record({ pickle: fc.constant(false), mutant: mutants(samples.length) }),
    fc.record({ pickle: fc.constant(true), mutant: mutants(pickles.length) }),
  );
  return {
    inputs,
    read({ pickle, mutant }) {
      const files = archives[mutant.sample];
      const bytes = pickle
        ? zipSync({ ...files, [pickleOf(files)]: mutate(pickles, mutant) }, { level: 0 })
        : mutate(samples, mutant);
      for (const { shape, read } of [...stateDict(readTorchFile(bytes, "a.pth")).tensors.values()]) {
        assertEqual(read().length, sizeOf(shape));
      }
    },
  };
});
