import { join } from "node:path";
import { forbid, numberFlag, type Parsed } from "../../cli/args.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import type { FolderOptions } from "../../training/graphWork.ts";
import { EVERY, KEEP } from "./flagTable.ts";

/** Where records and weights go, and what is done with what lies there. */
export function folderOptions(values: Parsed["values"]): FolderOptions {
  const { resume = false, fresh = false, run, out } = values;
  if (resume && fresh) throw new UserError("Cannot use --resume and --fresh together: want one of them");
  for (const flag of ["resume", "fresh", "any-code", "wait", "every", "keep", "phase"]) {
    forbid(values.predict === true && values[flag] !== undefined, `--${flag}`, "--predict, which trains nothing");
  }
  if (run === "") throw new UserError("Cannot use --run '': want a folder");
  const wanted = "a number of minutes of at least 0";
  return {
    root: run as string,
    out: (out ?? join(run as string, "results")) as string,
    fresh: fresh === true,
    anyCode: values["any-code"] === true,
    wait: values.wait === true,
    keep: wholeFlag("keep", values.keep ?? String(KEEP), 1),
    everyMinutes: numberFlag("every", values.every ?? String(EVERY), (n) => n >= 0, wanted),
  };
}
