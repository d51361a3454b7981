/**
 * Cheap self-supervised training of vision transformers: FreezeOut schedules, LocalMIM-HOG, ViTFreeze.
 *
 * Everything at once. Each part is an entry of its own, which loads faster and needs fewer permissions: `./schedules`, `./hog`,
 * `./methods`, `./datasets`, `./train`, `./weights`, and beside them `./experiments` and `./report`.
 *
 * @module
 */
export * from "./api/schedules.ts";
export * from "./api/hog.ts";
export * from "./api/methods.ts";
export * from "./api/datasets.ts";
export * from "./api/train.ts";
export * from "./api/weights.ts";
