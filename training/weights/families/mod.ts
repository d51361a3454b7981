import { beit } from "./beit.ts";
import type { EncoderFamily } from "./family.ts";
import { hybrid } from "./hybrid.ts";
import { plain } from "./plain.ts";
import { swin } from "./swin.ts";

/** The family of an encoder, by the names of its tensors; a plain vision transformer unless they tell another one. */
export function familyOf(names: ReadonlyMap<string, unknown>): EncoderFamily {
  return [hybrid, swin, beit].find((family) => family.knows(names)) ?? plain;
}
