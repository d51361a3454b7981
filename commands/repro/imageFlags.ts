import { forbid, type Parsed } from "../../cli/args.ts";
import { UserError } from "../../core/errors.ts";
import { parseDataPaths } from "../../datasets/dataPaths.ts";
import { sourcesOf } from "../../experiments/plan.ts";
import type { Phase } from "../../records/phase.ts";
import { isKnown } from "./knownImages.ts";

/**
 * Where images lie, by the name of their source.
 *
 * @param wanted the phases that are to be run
 * @throws {UserError} when some are absent that are read, and on flags about images without effect
 */
export function pathsOf(values: Parsed["values"], profile: string, wanted: Phase[]): ReadonlyMap<string, string> {
  const sources = sourcesOf(wanted), paths = parseDataPaths((values.data ?? []) as string[]);
  const isSpared = (name: string) => values.config === true || (values.predict === true && isKnown(profile, name));
  const absent = [...sources].find((name) => !paths.has(name) && !isSpared(name));
  if (absent !== undefined) {
    const flag = absent === "images" ? "--data" : `--data ${absent}=PATH`;
    const wanted = `${flag} with a folder, .tar, .tar.gz or .zip${fetchHint(profile)}`;
    throw new UserError(`Cannot run profile ${profile} without images: want ${wanted}`);
  }
  for (const flag of ["data", "classes", "skip-bad"]) {
    const isIdle = sources.size === 0 && values[flag] !== undefined;
    forbid(isIdle, `--${flag}`, `profile ${profile}, which draws its own images`);
  }
  const idle = [...paths.keys()].find((name) => !sources.has(name));
  forbid(idle !== undefined, `--data ${idle}=…`, `this experiment, whose images are named ${[...sources].join(", ")}`);
  return paths;
}

/** How to come by the images of a profile, where a command downloads them. */
function fetchHint(profile: string): string {
  const isCifar = ["cifar10", "cifar10-full", "evidence"].includes(profile);
  return isCifar ? "; deno task datasets:fetch cifar10 downloads them to data/cifar-10-batches-bin" : "";
}
