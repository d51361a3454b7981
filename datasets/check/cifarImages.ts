import type { FoundCifar } from "../cifar/findCifar.ts";
import { type CifarData, readCifar } from "../cifar/readCifar.ts";
import { filesOf, PIXEL_BYTES, SIDE } from "../cifar/versions.ts";
import { select } from "../imageFolder/selection.ts";
import type { FoundImage, Inspectable, SplitName } from "./found.ts";
import { unusableReason } from "./unusable.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";

/**
 * CIFAR as published. It is whole, or it is refused.
 *
 * @throws {UserError} naming file and byte of whatever is not as published
 */
export async function cifarImages(path: string, found: FoundCifar): Promise<Inspectable> {
  const data = await readCifar(path, found), { train, test } = data.layout;
  const count = (classes: typeof train) => [...classes.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    kind: found.version.name,
    classes: [...train.keys()],
    length: count(train) + count(test),
    files: filesOf(found.version).length,
    leftOut: data.leftOut,
    unlabelled: null,
    unusable: unusableReason(() => select(data.layout, path, {})),
    images: async function* () {
      yield* splitImages(data, "train");
      yield* splitImages(data, "test");
    },
    identify: () => Promise.resolve(data.sha256),
  };
}

function* splitImages({ layout, batches }: CifarData, split: SplitName): Generator<FoundImage> {
  for (const [label, images] of layout[split]) {
    for (const { path, offset } of images) {
      const { bytes, first, stride } = batches.get(path)!;
      const sha256 = sha256Of(bytes.subarray(offset, offset + PIXEL_BYTES));
      yield { split, label, name: `${path} image ${(offset - first) / stride}`, sha256, width: SIDE, height: SIDE };
    }
  }
}
