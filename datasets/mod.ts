export type { CropBox, ImageDataset, ImageSplit, SourceImage } from "./dataset.ts";
export { type ImageFolderOptions, openImageFolder } from "./image_folder/open_image_folder.ts";
export type { SelectionOptions } from "./image_folder/selection.ts";
export { type DatasetSpec, openDataset } from "./open_dataset.ts";
export { proceduralDataset, type ProceduralOptions } from "./procedural/procedural_dataset.ts";
export * from "./transforms/mod.ts";
export { isWnidSubset, type WnidSubset, wnidSubset } from "./wnids/wnid_subset.ts";
