import { availableParallelism } from "node:os";
import { DEVICE_FLAGS, type DeviceChoice, deviceChoice } from "../../cli/device.ts";
import { listFlag, parseFlags } from "../../cli/args.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import type { Bench } from "./model.ts";

/** What can be measured, in the order in which it is. */
const ITEMS = [
  "hog",
  "step",
  "freeze",
  "blocks",
  "convnets",
  "methods",
  "views",
  "data",
  "report",
  "ranks",
  "card",
] as const;
/** One thing to measure. */
export type Item = typeof ITEMS[number];

/** What the command line asks for. */
export interface Command {
  settings: Bench["settings"] & { items: Item[] };
  peerPython?: string;
  /** What `card` measures. */
  device: DeviceChoice;
  /** Folders or archives of JPEGs that `views` reads. */
  jpegs: string[];
  /** Files to write. */
  json?: string;
  svg?: string;
  markdown?: string;
  /** JSON of an earlier run, to be written anew without measuring. */
  from?: string;
}

const USAGE = "deno task bench [flags]";
const BATCH = 8, QUICK_BATCH = 2, CARD_BATCH = 64, MOST = 64;

const FLAGS = {
  quick: { type: "boolean", help: "few repetitions, 8 of 13 freeze states, batch 2" },
  only: { type: "string", value: "LIST", help: `items with commas: ${ITEMS.join(", ")} (default all)` },
  "peer-python": { type: "string", value: "PATH", help: "a Python with torch; without it there is no peer" },
  jpegs: { type: "string", value: "LIST", help: "folders or archives of JPEGs with commas, which views reads" },
  threads: {
    type: "string",
    value: "N",
    help: "threads of ours and of the peer (default all cores); ranks have one each",
  },
  ...DEVICE_FLAGS,
  batch: {
    type: "string",
    value: "N",
    help: `images per step (default ${BATCH}, with --quick ${QUICK_BATCH}, on a card ${CARD_BATCH})`,
  },
  json: { type: "string", value: "FILE", path: true, help: "write all figures" },
  svg: { type: "string", value: "FILE", path: true, help: "write a drawing" },
  markdown: { type: "string", value: "FILE", path: true, help: "write tables in Markdown" },
  from: { type: "string", value: "FILE", path: true, help: "measure nothing: read the JSON of an earlier run" },
} as const;

/**
 * Reads the command line.
 *
 * @throws {UserError} on anything unknown, out of range or without effect
 */
export function parseCommand(args: string[]): Command {
  const { values } = parseFlags(args, USAGE, FLAGS), text = values as Record<string, string | undefined>;
  for (const name of ["json", "svg", "markdown", "from", "peer-python"]) {
    if (text[name] === "") throw new UserError(`Cannot use --${name} '': want a file`);
  }
  if (text.from !== undefined) checkFrom(values);
  const quick = values.quick === true;
  const device = deviceChoice(values), isCard = device.device !== "cpu", usual = isCard ? CARD_BATCH : BATCH;
  const batch = wholeFlag("batch", text.batch ?? String(quick ? QUICK_BATCH : usual), 1, MOST);
  const jpegs = text.jpegs === undefined ? [] : listFlag("jpegs", text.jpegs, "a folder or archive");
  const items = parseItems(text.only, jpegs.length > 0, isCard), reads = items.includes("views");
  if (reads && jpegs.length === 0) {
    throw new UserError("Cannot measure views: want --jpegs with what they are to be read from");
  }
  if (!reads && jpegs.length > 0) throw new UserError("Cannot use --jpegs: only views reads them; want it in --only");
  const cores = String(Math.min(MOST, availableParallelism()));
  return {
    settings: {
      items,
      quick,
      threads: wholeFlag("threads", text.threads ?? cores, 1, MOST),
      batch,
    },
    jpegs,
    device,
    ...(text["peer-python"] !== undefined && { peerPython: text["peer-python"] }),
    ...(text.json !== undefined && { json: text.json }),
    ...(text.svg !== undefined && { svg: text.svg }),
    ...(text.markdown !== undefined && { markdown: text.markdown }),
    ...(text.from !== undefined && { from: text.from }),
  };
}

function checkFrom(values: Record<string, unknown>): void {
  for (
    const name of ["quick", "only", "peer-python", "threads", "batch", "jpegs", "json", ...Object.keys(DEVICE_FLAGS)]
  ) {
    if (values[name] === undefined) continue;
    throw new UserError(`Cannot use --${name}: it has no effect with --from, which measures nothing`);
  }
}

/**
 * All items unless some are named; views only where there is something for it to read. A card is measured alone, and where one is
 * chosen.
 *
 * @throws {UserError} on an item that there is not
 */
function parseItems(text: string | undefined, hasJpegs: boolean, isCard: boolean): Item[] {
  if (text === undefined) {
    return isCard ? ["card"] : ITEMS.filter((item) => item !== "card" && (item !== "views" || hasJpegs));
  }
  const words = listFlag("only", text, "an item");
  for (const word of words) {
    if (!ITEMS.includes(word as Item)) throw new UserError(`Cannot measure '${word}': want one of ${ITEMS.join(", ")}`);
  }
  const onCpu = words.find((word) => (word === "card") !== isCard);
  if (onCpu === "card") throw new UserError("Cannot measure card: want --device webgpu or --device cuda");
  if (onCpu) throw new UserError(`Cannot measure ${onCpu} with --device: only card is measured there`);
  return ITEMS.filter((item) => words.includes(item));
}
