import { basename, join } from "node:path";
import { exists, shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { PhaseKind } from "../../records/phase.ts";
import { CHECKPOINT_NAME, findCheckpoint, POINTER } from "../checkpoint/checkpointFiles.ts";
import { keptEpochs, weightsFile } from "../checkpoint/weightsFile.ts";
import { type PhaseFolder, phaseFoldersIn, phaseTexts } from "./phaseFolders.ts";

/** Which weights are meant. */
export interface Wanted {
  /** What is done with them, for error messages: "draw". */
  verb: string;
  /** Of several phases those of this kind. */
  kind: PhaseKind;
  /** Whether the newest checkpoint is taken where there is one. */
  checkpoints: boolean;
  /** After how many epochs of the phase; the last ones that were kept unless given. */
  epochs?: number;
  /** Is told of checkpoints that are broken. */
  warn: (text: string) => void;
}

/** Folders that an error names at most. */
const MOST_NAMED = 10;

/**
 * The file of tensors that a word of the command line means: a file itself, or the JSON of a checkpoint; in the folder of
 * a phase its checkpoint or the weights that it kept; in a folder of such folders those of the one phase of the wanted kind.
 *
 * @returns a .safetensors file, unless another one was named
 * @throws {UserError} when there is none, or several phases could be meant
 */
export async function locateWeights(where: string, wanted: Wanted): Promise<string> {
  if (!await exists(where)) {
    throw new UserError(
      `Cannot ${wanted.verb} ${where}: no such file or folder, want the folder of a phase, or its file`,
    );
  }
  if (!(await Deno.stat(where)).isDirectory) {
    return CHECKPOINT_NAME.test(basename(where)) ? where.replace(/json$/, "safetensors") : where;
  }
  const own = await weightsIn(where, wanted);
  if (own !== undefined) return own;
  const phases = await phaseFoldersIn(where, (folder) => mayHold(folder, wanted));
  const candidates = phases.filter(({ phase }) => phase.kind === wanted.kind);
  if (candidates.length === 1) return (await weightsIn(candidates[0].path, wanted)) ?? nothingIn(where, wanted);
  if (candidates.length === 0) return nothingIn(where, wanted);
  throw new UserError(`Cannot ${wanted.verb} ${shortPath(where)}: want one of ${list(candidates)}`);
}

/** What a phase's folder holds of the wanted weights. */
async function weightsIn(folder: string, { checkpoints, epochs, warn }: Wanted): Promise<string | undefined> {
  if (epochs !== undefined) {
    const path = join(folder, weightsFile(epochs));
    return await exists(path) ? path : undefined;
  }
  const found = checkpoints ? await findCheckpoint(folder, warn) : undefined;
  if (found) return join(folder, found.header.tensors.file);
  const last = (await keptEpochs(folder)).at(-1);
  return last === undefined ? undefined : join(folder, weightsFile(last));
}

/** The same without a look into files. */
async function mayHold(folder: string, { checkpoints, epochs }: Wanted): Promise<boolean> {
  if (epochs !== undefined) return await exists(join(folder, weightsFile(epochs)));
  return (checkpoints && await exists(join(folder, POINTER))) || (await keptEpochs(folder)).length > 0;
}

async function nothingIn(folder: string, { verb, kind, checkpoints, epochs }: Wanted): Promise<never> {
  const kept = (await keptEpochs(folder)).map(weightsFile).join(", ");
  const found = kept ? `it holds ${kept}` : "it holds no weights";
  const file = epochs === undefined ? "weights-*.safetensors" : weightsFile(epochs);
  throw new UserError(
    `Cannot ${verb} ${shortPath(folder)}: ${found}, want ${checkpoints ? `a checkpoint or ${file}` : file} in it, ` +
      `or in one ${kind} phase's folder`,
  );
}

function list(phases: readonly PhaseFolder[]): string {
  const more = phases.length - MOST_NAMED;
  return `${phaseTexts(phases.slice(0, MOST_NAMED)).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
