import { UserError } from "../../core/errors.ts";
import type { Weights } from "../../training/weights/convert.ts";
import { matchModel } from "../../training/weights/matchModel.ts";
import { modelOf } from "../../training/weights/model.ts";
import { openWeights, weightsOf } from "../../training/weights/source.ts";

/**
 * Weights from a file that `saveWeights` or a run has written, with the model that they belong to.
 *
 * Files of other code are made such a file by `deno task weights:import`.
 *
 * @throws {UserError} when the file cannot be read, describes no model, or its tensors are not the model's
 */
export async function readWeights(path: string): Promise<Weights> {
  const source = await openWeights(path), model = modelOf(source.metadata, path);
  if (!model) {
    throw new UserError(`Cannot read ${path}: its metadata name no model, want it imported by weights:import`);
  }
  return { model, tensors: matchModel(weightsOf(source).tensors, model, path) };
}
