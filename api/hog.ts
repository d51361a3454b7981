/**
 * Histograms of oriented gradients as LocalMIM, ViTFreeze and DMJD predict them: {@link hogOf} for one picture, the others
 * for batches and for comparison. It needs no permission.
 *
 * @module
 */
export { createHog, type CreateHogOptions, type Hog } from "../core/hog/createHog.ts";
export { dmjdHog, type DmjdHogOptions, whitenBins } from "../core/hog/dmjdHog.ts";
export { hogOf } from "../core/hog/hogOf.ts";
export { type HogOptions, localmimHog } from "../core/hog/localmimHog.ts";
export type { HogScale, PictureHog, PictureHogOptions } from "../core/hog/pictureHog.ts";
export { UserError } from "../core/errors.ts";
