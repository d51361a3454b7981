import type { ImageDataset } from "../datasets/dataset.ts";
import { canonicalJson } from "../records/canonical.ts";
import type { Phase } from "../records/phase.ts";
import { RUNNERS } from "./phases/mod.ts";

/**
 * Opens the images of all phases, each choice of images once: drawn ones at each size, those that lie somewhere at any.
 *
 * @param open opens those of a phase, at the side in pixels at which it looks at them
 * @param check is told of every phase and its images
 */
export async function openAll(
  phases: readonly Phase[],
  open: (phase: Phase, imageSize: number) => Promise<ImageDataset>,
  check: (phase: Phase, images: ImageDataset) => void,
): Promise<(phase: Phase) => ImageDataset> {
  const opened = new Map<string, ImageDataset>(), sizeOf = ({ kind, config }: Phase) => RUNNERS[kind].imageSize(config);
  const name = (phase: Phase) => canonicalJson([phase.data, phase.data.source === "procedural" ? sizeOf(phase) : 0]);
  for (const phase of phases) {
    const images = opened.get(name(phase)) ?? await open(phase, sizeOf(phase));
    opened.set(name(phase), images);
    check(phase, images);
  }
  return (phase) => opened.get(name(phase))!;
}
