/** Side of a CIFAR image in pixels, and the bytes of one: three planes, red, green and blue. */
export const SIDE = 32, PIXEL_BYTES = 3 * SIDE * SIDE;

/** A file of images, and how many it holds. */
export interface ImageFile {
  name: string;
  images: number;
}

/** One of the four forms that CIFAR is published in. */
export interface CifarVersion {
  name: string;
  /** The folder that everything lies in. */
  folder: string;
  train: ImageFile[];
  test: ImageFile[];
  /** The file of class names. */
  meta: string;
  /** Files that the publisher has put beside and that nobody reads. */
  beside: string[];
  classes: number;
  format:
    | { kind: "binary"; /** Bytes of labels before an image; the last one is the label. */ labelBytes: number }
    | { kind: "python"; labelKey: string; namesKey: string };
}

/**
 * CIFAR-10 and CIFAR-100 in the binary and the Python version; CIFAR-100 with its fine labels. Sizes and layouts are
 * those that the publisher states (https://www.cs.toronto.edu/~kriz/cifar.html).
 *
 * @param scale share of the published number of images in a file; other than 1 in tests
 */
export function cifarVersions(scale = 1): CifarVersion[] {
  const batch = 10000 * scale, whole = 50000 * scale;
  const batches = (ending: string) =>
    [1, 2, 3, 4, 5].map((index) => ({ name: `data_batch_${index}${ending}`, images: batch }));
  return [
    {
      name: "CIFAR-10 (binary version)",
      folder: "cifar-10-batches-bin",
      train: batches(".bin"),
      test: [{ name: "test_batch.bin", images: batch }],
      meta: "batches.meta.txt",
      beside: ["readme.html"],
      classes: 10,
      format: { kind: "binary", labelBytes: 1 },
    },
    {
      name: "CIFAR-10 (Python version)",
      folder: "cifar-10-batches-py",
      train: batches(""),
      test: [{ name: "test_batch", images: batch }],
      meta: "batches.meta",
      beside: ["readme.html"],
      classes: 10,
      format: { kind: "python", labelKey: "labels", namesKey: "label_names" },
    },
    {
      name: "CIFAR-100 (binary version)",
      folder: "cifar-100-binary",
      train: [{ name: "train.bin", images: whole }],
      test: [{ name: "test.bin", images: batch }],
      meta: "fine_label_names.txt",
      beside: ["coarse_label_names.txt"],
      classes: 100,
      format: { kind: "binary", labelBytes: 2 },
    },
    {
      name: "CIFAR-100 (Python version)",
      folder: "cifar-100-python",
      train: [{ name: "train", images: whole }],
      test: [{ name: "test", images: batch }],
      meta: "meta",
      beside: ["file.txt~"],
      classes: 100,
      format: { kind: "python", labelKey: "fine_labels", namesKey: "fine_label_names" },
    },
  ];
}

/** The files of a version that are read, class names first. */
export function filesOf({ meta, train, test }: CifarVersion): string[] {
  return [meta, ...train.map(({ name }) => name), ...test.map(({ name }) => name)];
}
