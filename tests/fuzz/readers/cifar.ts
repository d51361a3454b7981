import fc from "fast-check";
import { readBatch, readClassNames } from "../../../datasets/cifar/batch.ts";
import { cifarVersions, PIXEL_BYTES } from "../../../datasets/cifar/versions.ts";
import { assertEqual, assertTrue } from "../../assert.ts";
import { cifarFiles } from "../../cifarFixtures.ts";
import { mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

/** A version with few images: two a batch. */
const SCALE = 2e-4;

/** Batches and class names of CIFAR's four versions. What is accepted must have all its labels and pixels. */
export const cifar = fuzzReader("cifar", 4, () => {
  const cases = cifarVersions(SCALE).flatMap((version) => {
    const files = cifarFiles(version, "");
    return [undefined, ...version.test].map((file) => ({ version, file, bytes: files[file?.name ?? version.meta] }));
  });
  const samples = cases.map(({ bytes }) => bytes);
  return {
    inputs: fc.record({ mutant: mutants(samples.length) }),
    read({ mutant }) {
      const { version, file } = cases[mutant.sample], bytes = mutate(samples, mutant);
      if (!file) {
        assertEqual(new Set(readClassNames(version, bytes, "names")).size, version.classes);
        return;
      }
      const { labels, bytes: pixels, first, stride } = readBatch(version, file, bytes, "batch");
      assertEqual(labels.length, file.images);
      assertTrue(Array.from(labels).every((label) => label >= 0 && label < version.classes), "a label of no class");
      assertTrue(first + (file.images - 1) * stride + PIXEL_BYTES <= pixels.length, "pixels behind the end");
    },
  };
});
