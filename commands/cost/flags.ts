import { type Flag, numberFlag, type Parsed } from "../../cli/args.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { type DeviceKey, DEVICES } from "../../core/cost/devices.ts";
import type { Network } from "../../core/cost/exchange.ts";
import { OUR_CHOICES, RELEASED_CHOICES, type StepOptions } from "../../core/cost/stepCost.ts";
import { UserError } from "../../core/errors.ts";
import { LOCALMIM_VIT_B, type LocalMimConfig } from "../../core/methods/localmim/config.ts";
import { VIT_PRESETS } from "../../core/models/config.ts";
import { NET_NAMES } from "../../core/models/convnet/named.ts";
import { checkSchedule } from "../../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { iterationsPerEpoch } from "../../training/batches.ts";

/** The flags of the cost command; those without a default here depend on the device or have no effect when absent. */
export const costFlags: Record<string, Flag> = {
  model: {
    type: "string",
    value: "NAME",
    help: `${Object.keys(VIT_PRESETS).join(", ")}; or a net: ${NET_NAMES}`,
    default: "vit-b16",
  },
  t0: { type: "string", value: "T", help: "freezing time of layer 0, in (0, 1]; 1 is no freezing", default: "0.8" },
  power: { type: "string", value: "P", help: "1 linear, 3 cubic (default 3)" },
  epochs: { type: "string", value: "N", help: "length of the run, warm-up included", default: "100" },
  warmup: { type: "string", value: "N", help: "epochs of warm-up (default 10)" },
  form: { type: "string", value: "FORM", help: "code (t_i counts from the end of warm-up) or paper (default code)" },
  images: { type: "string", value: "N", help: "training images (default 1281167; for a net 45000)" },
  device: {
    type: "string",
    value: "NAME",
    help: `machine and program: ${Object.keys(DEVICES).join(", ")} (default cpu)`,
  },
  batch: { type: "string", value: "N", help: "images of a forward pass (default cpu 8, v100 256; for a net 50)" },
  accumulation: { type: "string", value: "N", help: "passes per update (default cpu 1, v100 8)" },
  backward: { type: "string", value: "FORM", help: "cut or live (default cpu cut, v100 live)" },
  heads: { type: "string", value: "TOKENS", help: "masked or all (default cpu masked, v100 all)" },
  hog: { type: "string", value: "FORM", help: "shared or perScale (default cpu shared, v100 perScale)" },
  embed: { type: "string", value: "TOKENS", help: "visible or all (default cpu visible, v100 all)" },
  nodes: {
    type: "string",
    value: "N",
    help: "nodes that train together, each with --batch and --accumulation (default 1)",
  },
  network: { type: "string", value: "GBPS", help: "gigabits a second of every node's link (default 10)" },
  length: { type: "string", value: "N", help: "for a net: iterations that an epoch counts as (default: those run)" },
  json: { type: "boolean", help: "print one JSON object" },
};

/** What each device's program does unless told otherwise; the V100's is the author's. */
const PROGRAMS: Record<DeviceKey, StepOptions> = {
  cpu: { ...OUR_CHOICES, batch: 8, accumulation: 1 },
  v100: { ...RELEASED_CHOICES, batch: 256, accumulation: 8 },
};

/** A run whose cost is asked for. */
export interface CostRequest {
  model: string;
  config: LocalMimConfig;
  device: DeviceKey;
  images: number;
  /** Of one node. */
  options: StepOptions;
  schedule: FreezeSchedule;
  /** What connects the nodes, where there are more than one. */
  network?: Network;
}

/**
 * The run that a command line asks for.
 *
 * @throws {UserError} on a value out of range, and on a flag that would have no effect beside the others
 */
export function requestOf(values: Parsed["values"]): CostRequest {
  const model = modelOf(values.model);
  if (values.length !== undefined) throw new UserError(`Cannot use --length with --model ${model}: want it with a net`);
  const device = oneOf("device", values.device ?? "cpu", Object.keys(DEVICES) as DeviceKey[]);
  const config = { ...LOCALMIM_VIT_B, ...VIT_PRESETS[model] };
  const images = count("images", values.images ?? "1281167"), options = optionsOf(values, PROGRAMS[device]);
  const network = networkOf(values), batch = (network?.nodes ?? 1) * options.batch;
  const perEpoch = iterationsPerEpoch(images, batch, options.accumulation);
  const schedule = scheduleOf(values, config, perEpoch);
  return { model, config, device, images, options, schedule, ...(network && { network }) };
}

/** The network between nodes; none for a single one. */
function networkOf({ nodes: text, network }: Parsed["values"]): Network | undefined {
  const nodes = count("nodes", text ?? "1");
  if (nodes === 1) {
    if (network === undefined) return undefined;
    throw new UserError("Cannot use --network with --nodes 1: nothing is exchanged; want --nodes above 1");
  }
  const wanted = "a number from 0.001 to 10^6", accept = (rate: number) => rate >= 0.001 && rate <= 1e6;
  return { nodes, gigabitsPerSecond: network === undefined ? 10 : numberFlag("network", network, accept, wanted) };
}

function optionsOf(values: Parsed["values"], preset: StepOptions): StepOptions {
  const { batch, accumulation, backward, heads, hog, embed } = values;
  return {
    batch: batch === undefined ? preset.batch : count("batch", batch),
    accumulation: accumulation === undefined ? preset.accumulation : count("accumulation", accumulation),
    backward: backward === undefined ? preset.backward : oneOf("backward", backward, ["cut", "live"]),
    heads: heads === undefined ? preset.heads : oneOf("heads", heads, ["masked", "all"]),
    hog: hog === undefined ? preset.hog : oneOf("hog", hog, ["shared", "perScale"]),
    embed: embed === undefined ? preset.embed : oneOf("embed", embed, ["visible", "all"]),
  };
}

/** The schedule; rates do not matter to the cost, so they are those of a base rate of 1. */
function scheduleOf(values: Parsed["values"], config: LocalMimConfig, perEpoch: number): FreezeSchedule {
  const freezing = freezingOf(values, ["power", "warmup", "form", "backward"]),
    { t0 } = freezing,
    { warmup, form } = values;
  const epochs = count("epochs", values.epochs), wantedWarmup = `a number from 0, below the ${epochs} epochs`;
  return checkSchedule({
    layers: config.depth + 1,
    stageBlocks: config.stageBlocks,
    ...freezing,
    scaled: true,
    baseLr: 1,
    minLr: 0,
    epochs,
    warmupEpochs: t0 === 1 ? 0 : numberFlag("warmup", warmup ?? "10", (n) => n >= 0 && n < epochs, wantedWarmup),
    iterationsPerEpoch: perEpoch,
    form: form === undefined ? "code" : oneOf("form", form, ["code", "paper"]),
    decoders: "block",
    clsToken: "layer0",
  });
}

/**
 * When layer 0 freezes, and by which power the others follow.
 *
 * @param idle flags that have no effect where nothing freezes
 */
export function freezingOf(values: Parsed["values"], idle: readonly string[]): { t0: number; power: number } {
  const t0 = numberFlag("t0", values.t0, (t) => t > 0 && t <= 1, "a number above 0 and at most 1"), { power } = values;
  const given = idle.find((name) => values[name] !== undefined);
  if (t0 === 1 && given) {
    throw new UserError(`Cannot use --${given} with --t0 1: nothing freezes, so it has no effect; want --t0 below 1`);
  }
  return { t0, power: power === undefined ? 3 : numberFlag("power", power, (p) => p > 0, "a number above 0") };
}

/** A whole number that no run exceeds, so that products of them stay exact. */
export function count(name: string, text: unknown): number {
  return wholeFlag(name, text, 1, 1e9);
}

/** @throws {UserError} naming vision transformers and nets */
function modelOf(name: unknown): keyof typeof VIT_PRESETS {
  const names = Object.keys(VIT_PRESETS) as (keyof typeof VIT_PRESETS)[], found = names.find((each) => each === name);
  if (!found) throw new UserError(`Cannot use --model ${name}: want ${names.join(", ")}, ${NET_NAMES}`);
  return found;
}

function oneOf<T extends string>(name: string, text: unknown, known: readonly T[]): T {
  const found = known.find((word) => word === text);
  if (found === undefined) throw new UserError(`Cannot use --${name} ${text}: want ${known.join(" or ")}`);
  return found;
}
