export type { CropBox, ImageDataset, ImageSplit, SourceImage } from "./dataset.ts";
export { type ImageFolderOptions, openImageFolder } from "./imageFolder/openImageFolder.ts";
export type { SelectionOptions } from "./imageFolder/selection.ts";
export { type DatasetSpec, openDataset } from "./openDataset.ts";
export { proceduralDataset, type ProceduralOptions } from "./procedural/proceduralDataset.ts";
export * from "./transforms/mod.ts";
export { isWnidSubset, type WnidSubset, wnidSubset } from "./wnids/wnidSubset.ts";
