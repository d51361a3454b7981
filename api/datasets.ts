/**
 * Images: data sets of folders, archives and made-up pictures, single files, and the transforms of the recipes.
 *
 * Reading images needs `--allow-read`, `--allow-ffi` and `--allow-env` for sharp.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export * from "../datasets/mod.ts";
export type { Decoded } from "../datasets/imageFolder/decode.ts";
export { readImage } from "./datasets/readImage.ts";
