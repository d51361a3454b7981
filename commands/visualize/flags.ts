import { availableParallelism } from "node:os";
import { type Flag, parseFlags } from "../../cli/args.ts";
import { fromHere } from "../../cli/here.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import type { Style } from "./draw/row.ts";

/** What the command line asks for. */
export interface Command {
  /** Folder of a phase or of several, or a file of one. */
  run: string;
  /** "procedural", an image file, or a folder or archive of images. */
  data: string;
  /** Absent: train with an epoch or where there is no test split, else test. */
  split?: "train" | "test";
  /** Indices in the split, or how many to choose. */
  images: number[] | { count: number };
  /** Absent: that of the phase, or 0. */
  seed?: number;
  /** Epoch of pre-training, from 0, whose view of the images is drawn. */
  epoch?: number;
  to?: string;
  style: Style;
  channels: boolean;
  /** Whether predictions are drawn without the L2 norm of the targets. */
  raw: boolean;
  /** Side of a panel in pixels. */
  panel?: number;
  engine: "compiled" | "eager";
  threads: number;
}

const USAGE = "deno task visualize RUN --data PATH|--procedural [flags]";
const COUNT = 4, MOST = 64;

const FLAGS: Record<string, Flag> = {
  data: {
    type: "string",
    value: "PATH",
    path: true,
    help: "an image, or a folder, .tar or .tar.gz of <class>/<image> or train/, test/",
  },
  procedural: { type: "boolean", help: "draw the images that profiles ci and laptop train on" },
  split: { type: "string", value: "NAME", help: "train or test (default test if there is one; with --epoch train)" },
  images: { type: "string", value: "LIST", help: "indices in the split with commas, e.g. 0,5,7" },
  count: { type: "string", value: "N", help: `that many images, evenly spread over the split (default ${COUNT})` },
  seed: { type: "string", value: "N", help: "seed of the masks (default the phase's, or 0)" },
  epoch: { type: "string", value: "N", help: "as training saw the images in its N-th epoch: crop, flip, mask" },
  style: { type: "string", value: "NAME", help: "auto, glyph or wheel", default: "auto" },
  channels: { type: "boolean", help: "one row per colour channel instead of their mean" },
  raw: { type: "boolean", help: "draw predictions as they are, not L2-normalised as the targets" },
  panel: { type: "string", value: "PX", help: "side of a panel (default as large as glyphs need)" },
  to: { type: "string", value: "DIR", path: true, help: "where the pictures go (default visualized/ beside the file)" },
  engine: { type: "string", value: "NAME", help: "compiled or eager", default: "compiled" },
  threads: { type: "string", value: "N", help: "threads of the compiled engine (default all cores)" },
};

/**
 * Reads the command line.
 *
 * @throws {UserError} on anything unknown, out of range or without effect
 */
export function parseCommand(args: string[]): Command {
  const { values, positionals: [run] } = parseFlags(args, USAGE, FLAGS, 1);
  if (!run) throw new UserError(`Cannot draw without a model: want the folder or file of a phase; usage: ${USAGE}`);
  const { data, procedural, engine, epoch, seed, to, panel, threads } = values;
  if ((data === undefined) === (procedural === undefined) || data === "") {
    throw new UserError("Cannot choose images: want either --data PATH or --procedural");
  }
  if (to === "") throw new UserError("Cannot use --to '': want a folder");
  if (engine === "eager" && threads !== undefined) {
    throw new UserError("Cannot use --threads: it has no effect with the eager engine; want --engine compiled");
  }
  return {
    run: fromHere(run),
    data: procedural ? "procedural" : String(data),
    ...(values.split !== undefined && { split: oneOf("split", values.split, ["train", "test"] as const) }),
    images: imagesOf(values.images, values.count),
    ...(seed !== undefined && { seed: wholeFlag("seed", seed, 0, 2 ** 32 - 1) }),
    ...(epoch !== undefined && { epoch: epochOf(epoch, values.split) }),
    ...(to !== undefined && { to: String(to) }),
    style: oneOf("style", values.style, ["auto", "glyph", "wheel"]),
    channels: values.channels === true,
    raw: values.raw === true,
    ...(panel !== undefined && { panel: wholeFlag("panel", panel, 160, 2048) }),
    engine: oneOf("engine", engine, ["compiled", "eager"]),
    threads: wholeFlag("threads", threads ?? String(availableParallelism()), 1, 1024),
  };
}

function imagesOf(images: unknown, count: unknown): Command["images"] {
  if (images !== undefined && count !== undefined) {
    throw new UserError("Cannot use --count with --images: want one of them");
  }
  if (images === undefined) return { count: wholeFlag("count", count ?? String(COUNT), 1, MOST) };
  const indices = String(images).split(",").map((word) => wholeFlag("images", word.trim(), 0, 2 ** 32 - 1));
  if (new Set(indices).size < indices.length) throw new UserError(`Cannot use --images ${images}: one is named twice`);
  if (indices.length > MOST) {
    throw new UserError(`Cannot use --images with ${indices.length} indices: want at most ${MOST}`);
  }
  return indices;
}

function epochOf(epoch: unknown, split: unknown): number {
  if (split === "test") throw new UserError("Cannot use --epoch with --split test: training never saw these images");
  return wholeFlag("epoch", epoch, 1, 2 ** 20) - 1;
}

function oneOf<T extends string>(name: string, text: unknown, known: readonly T[]): T {
  const found = known.find((word) => word === text);
  if (found === undefined) throw new UserError(`Cannot use --${name} ${text}: want ${known.join(" or ")}`);
  return found;
}
