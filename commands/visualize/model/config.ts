import { UserError } from "../../../core/errors.ts";
import type { LocalMimConfig } from "../../../core/methods/localmim/config.ts";
import { modelConflict } from "../../repro/conflicts.ts";
import { modelConfigSchema } from "../../../training/config.ts";

/**
 * The model that a file's metadata describe.
 *
 * @param name the file, for error messages
 * @throws {UserError} when it is no LocalMIM model
 */
export function modelOf(metadata: Record<string, string>, name: string): LocalMimConfig {
  const { format, kind, model } = metadata;
  if (format !== "vitfreeze" || model === undefined) {
    throw new UserError(`Cannot draw ${name}: its metadata name no model, want a file that a run has written`);
  }
  if (kind !== "localmim") {
    throw new UserError(`Cannot draw ${name}: it holds a ${kind}, which predicts no HOG; want a pre-trained localmim`);
  }
  let value: unknown;
  try {
    value = JSON.parse(model);
  } catch {
    throw new UserError(`Cannot draw ${name}: the model in its metadata is no JSON`);
  }
  const parsed = modelConfigSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new UserError(
      `Cannot draw ${name}: the model in its metadata is wrong at ${path.join(".")}: want ${message}`,
    );
  }
  const { stageBlocks, depth } = parsed.data, beyond = stageBlocks.find((block) => block > depth);
  const fault = beyond === undefined
    ? modelConflict(parsed.data)
    : `model.stageBlocks ${JSON.stringify(stageBlocks)}: want blocks of the ${depth} there are`;
  if (fault) throw new UserError(`Cannot draw ${name}: its metadata say ${fault}`);
  return parsed.data;
}
