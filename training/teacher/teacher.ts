import type { Arena } from "../../core/engine/arena.ts";
import { UserError } from "../../core/errors.ts";
import type { VitConfig } from "../../core/models/config.ts";
import type { TeacherModel } from "../../core/models/teacher.ts";

/** A frozen model whose features of patches are targets. */
export interface Teacher {
  /** As it is shown. */
  file: string;
  /** SHA-256 of the file, in hexadecimal. */
  sha256: string;
  model: TeacherModel;
  arena: Arena;
}

/** A teacher, and where its features lie. */
export interface TeacherFeatures {
  model: Teacher;
  /** Folder of the features of all data sets and teachers. */
  folder: string;
  /** Is told of each forward pass, with its images. */
  passed?(images: number): void;
}

/**
 * Makes sure that a teacher's features fit a model's patches.
 *
 * @param wanted what the method says of its teacher
 * @throws {UserError} on another file, or one of other images, patches or width
 */
export function checkTeacher(
  { file, sha256, model }: Teacher,
  { imageSize, patchSize }: Pick<VitConfig, "imageSize" | "patchSize">,
  wanted: { weights: string; dim: number },
): void {
  if (model.imageSize !== imageSize || model.patchSize !== patchSize) {
    throw new UserError(
      `Cannot use the teacher ${file}: it looks at ${model.imageSize} pixels in patches of ${model.patchSize}, ` +
        `want ${imageSize} in patches of ${patchSize}, as the model`,
    );
  }
  if (model.embedDim !== wanted.dim) {
    throw new UserError(`Cannot use the teacher ${file}: its features are ${model.embedDim} wide, want ${wanted.dim}`);
  }
  if (sha256 !== wanted.weights) {
    throw new UserError(`Cannot use the teacher ${file}: its SHA-256 is ${sha256}, want ${wanted.weights}`);
  }
}
