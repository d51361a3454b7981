/**
 * Cheap self-supervised training of vision transformers: FreezeOut schedules, LocalMIM-HOG, ViTFreeze.
 *
 * Here is what is light and needs no permission: schedules and HOG. The rest has names of its own: `./methods`, `./datasets`,
 * `./train`, `./weights`, `./experiments`, `./report`.
 *
 * @module
 */
export * from "./api/hog.ts";
export * from "./api/schedules.ts";
