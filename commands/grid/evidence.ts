// Goes on with the grids that make the evidence (docs/EVIDENCE.md), or lists how far they are.
//
//   deno task evidence --data CIFAR10 [--tiny TINY] [--list] [--only NAME] [--jobs N] [--run DIR] [--out DIR]

import { forbid, parseFlags } from "../../cli/args.ts";
import { runMain } from "../../cli/main.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { EVIDENCE, type EvidenceGrid } from "../../experiments/evidence.ts";
import { evidenceText, type GridProgress, hoursLeft, placeholder } from "./evidenceText.ts";
import type { GridCommand } from "./flags.ts";
import { DEFAULT_RUN } from "./folders.ts";
import { execute } from "./execute.ts";
import { openGrid } from "./grid.ts";

const DEFAULT_OUT = "results";

const FLAGS = {
  list: { type: "boolean", help: "print each grid with its command, its records and the hours left, and stop" },
  data: { type: "string", value: "PATH", path: true, help: "CIFAR-10: an archive or a folder; see docs/EVIDENCE.md" },
  tiny: {
    type: "string",
    value: "PATH",
    path: true,
    help: "Tiny-ImageNet: an archive or a folder of its first 100 classes",
  },
  only: { type: "string", value: "NAME", help: "this grid alone" },
  jobs: { type: "string", value: "N", help: "processes at a time, of one thread each (default one a core)" },
  run: { type: "string", value: "DIR", path: true, help: `folder of phases and grids (default ${DEFAULT_RUN})` },
  out: { type: "string", value: "DIR", path: true, help: `folder of the records (default ${DEFAULT_OUT})` },
} as const;

/** The grids that are meant: all, or the one that is named. */
function chosen(only: string | undefined): readonly EvidenceGrid[] {
  const names = EVIDENCE.map(({ name }) => name), found = EVIDENCE.filter(({ name }) => (only ?? name) === name);
  if (found.length > 0) return found;
  throw new UserError(`Cannot use --only ${only}: want one of ${names.join(", ")}${nearest(only!, names)}`);
}

/** The flag that names a grid's images. */
const flagOf = ({ images }: EvidenceGrid) => images ? "--tiny" : "--data";

function requestOf({ experiment, profile, rows, seeds, probes }: EvidenceGrid, images: string): GridCommand["request"] {
  const passed = ["--data", images, "--threads", "1"];
  return { experiment, profile, ...(rows && { rows }), seeds, sets: [], probes, passed };
}

async function main(args: string[]): Promise<number> {
  const { values } = parseFlags(args, "deno task evidence [flags]", FLAGS);
  const { data, tiny, only, jobs, run = DEFAULT_RUN, out = DEFAULT_OUT } = values as Record<string, string | undefined>;
  const isList = values.list === true, grids = chosen(only);
  forbid(isList && jobs !== undefined, "--jobs", "--list");
  if (!isList && data === undefined && tiny === undefined) {
    throw new UserError("Cannot run the evidence without its images: want --data PATH, --tiny PATH or both, or --list");
  }
  const imagesOf = ({ images }: EvidenceGrid) => images ? tiny : data;
  if (!isList && only !== undefined && imagesOf(grids[0]) === undefined) {
    throw new UserError(`Cannot run ${only} without its images: want ${flagOf(grids[0])} PATH`);
  }
  const atATime = jobs === undefined ? undefined : wholeFlag("jobs", jobs, 1, 1e9);
  const commandOf = (grid: EvidenceGrid): GridCommand => ({
    request: requestOf(grid, imagesOf(grid) ?? placeholder(grid)),
    run,
    name: `evidence-${grid.name}`,
    out,
    recorded: true,
    action: isList ? "status" : "run",
    csv: false,
    ...(atATime !== undefined && { jobs: atATime }),
  });
  if (isList) {
    const all: GridProgress[] = [], met = new Set<string>();
    for (const grid of grids) {
      const { plan: { cells }, states } = await openGrid(commandOf(grid));
      const left = cells.filter(({ key }, k) => states[k].kind !== "done" && !met.has(key));
      left.forEach(({ key }) => met.add(key));
      const done = states.filter(({ kind }) => kind === "done").length;
      all.push({ grid, records: states.length, done, hours: hoursLeft(left.map(({ phase }) => phase), grid) });
    }
    console.log(evidenceText(all, { run, out }));
    return 0;
  }
  for (const grid of grids) {
    console.error(`\n${grid.name}: ${grid.decides}`);
    if (imagesOf(grid) === undefined) {
      console.error(`left out, for its images are not given: want ${flagOf(grid)} PATH`);
      continue;
    }
    const code = await execute(commandOf(grid));
    if (code !== 0) return code;
  }
  return 0;
}

if (import.meta.main) await runMain(main);
