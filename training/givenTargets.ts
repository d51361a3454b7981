import type { Batch, Crop } from "./batches.ts";

/** Targets that do not follow from the pixels of a crop, but are known of every image. */
export interface GivenTargets {
  /** Those of the patches of a crop, one behind the other. */
  of(crop: Crop): Promise<Float32Array>;
}

/** Batches with what is given of their crops. */
export async function* withGiven(batches: AsyncGenerator<Batch>, targets: GivenTargets): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    const parts = await Promise.all(batch.crops.map((crop) => targets.of(crop)));
    const given = new Float32Array(parts.length * parts[0].length);
    parts.forEach((part, k) => given.set(part, k * part.length));
    yield { ...batch, given };
  }
}
