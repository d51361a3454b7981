import { UserError } from "../../core/errors.ts";
import { parseDataPaths } from "../../datasets/dataPaths.ts";
import { sourcesOf } from "../../experiments/plan.ts";
import type { Phase } from "../../records/phase.ts";
import type { GridRequest } from "./request.ts";

/** The source that a path alone stands for. */
const UNNAMED = "images";

/**
 * Makes sure that the images of all phases are told, and no others.
 *
 * @throws {UserError} when some are missing, or one would be without effect
 */
export function checkSources({ profile, passed }: GridRequest, phases: readonly Phase[]): void {
  const wanted = sourcesOf(phases);
  const told = [...parseDataPaths(passed.filter((_, i) => passed[i - 1] === "--data")).keys()];
  for (const source of wanted) {
    if (told.includes(source)) continue;
    const word = source === UNNAMED ? "PATH" : `${source}=PATH`;
    throw new UserError(`Cannot run profile ${profile} without its ${source}: want --data ${word}`);
  }
  for (const source of told) {
    if (wanted.has(source)) continue;
    throw new UserError(
      `Cannot use --data for ${source}: it has no effect here, want ${[...wanted].join(" or ") || "no images"}`,
    );
  }
}
