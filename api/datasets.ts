/**
 * Images: folders, archives, CIFAR, Tiny-ImageNet and generated ones, and what is done to them before the model. Pixels are
 * RGB bytes, [height, width, 3].
 *
 * It needs `--allow-read` for images, and to decode files `--allow-ffi` and `--allow-env`.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export * from "../datasets/mod.ts";
export type { Decoded } from "../datasets/imageFolder/decode.ts";
export type { Random } from "../core/random/stream.ts";
export { readImage } from "../datasets/imageFolder/readImage.ts";
export { decodedImage } from "../datasets/sourceImage.ts";
