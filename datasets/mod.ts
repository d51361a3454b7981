export type { ClassChoice } from "./classes/chooseClasses.ts";
export { CLASS_SUBSETS, type ClassSubset, classSubset, isClassSubset } from "./classes/classSubset.ts";
export { parseDataPaths } from "./dataPaths.ts";
export type { CropBox, ImageDataset, ImageSplit, SourceImage } from "./dataset.ts";
export { type ImageFolderOptions, openImageFolder } from "./imageFolder/openImageFolder.ts";
export type { SelectionOptions } from "./imageFolder/selection.ts";
export { type DatasetSpec, openDataset } from "./openDataset.ts";
export { proceduralDataset, type ProceduralOptions } from "./procedural/proceduralDataset.ts";
export * from "./transforms/mod.ts";
