import { shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { MethodView } from "../../core/methods/view.ts";
import { checkRecorded } from "../../training/weights/checkRecorded.ts";
import { locateWeights } from "../../training/weights/locate.ts";
import { type Pretrained, readPretrained } from "../../training/weights/pretrained.ts";
import { type Provenance, provenanceOf } from "../../training/weights/provenance.ts";

/** A pre-trained model, ready to be drawn. */
export interface LoadedModel extends Pretrained {
  view: MethodView;
  /** What is known of its training. */
  made?: Provenance;
}

/**
 * Loads a model from a phase's folder, a folder of such folders with one pre-training, a checkpoint or a file of weights.
 *
 * @throws {UserError} when there is none, its file does not hold what its metadata say, or its method cannot be drawn
 */
export async function loadModel(where: string): Promise<LoadedModel> {
  const warn = (text: string) => console.error(`warning: ${text}`);
  const path = await locateWeights(where, { verb: "draw", kind: "pretrain", checkpoints: true, warn });
  await checkRecorded(path);
  const model = await readPretrained(path), view = model.method.view?.(model.config);
  if (!view) throw new UserError(`Cannot draw ${shortPath(path)}: method ${model.name} has no view of its predictions`);
  const made = await provenanceOf(path, warn);
  return { ...model, view, ...(made && { made }) };
}
