import { UserError } from "../../core/errors.ts";
import { methodOf } from "../../core/methods/mod.ts";
import { convNetOf } from "../../core/models/convnet/mod.ts";
import { coreHash } from "../../records/identity.ts";
import type { PhaseKind } from "../../records/phase.ts";
import { type PhaseRecord, ranksShape } from "../../records/schema.ts";
import { fixed, grouped } from "../format.ts";
import type { UsedRecord } from "./linked.ts";
import { LOST, type Scale, settingsName } from "./scale.ts";

/** Of so many different values the first ones are written out. */
const MOST = 4;
/** Up to so many parameters are counted one by one. */
const SMALL = 1e4;

const KINDS: Readonly<Record<PhaseKind, string>> = {
  pretrain: "Pre-training",
  finetune: "Fine-tuning",
  linear: "Linear probe",
  knn: "k-NN probe",
  train: "Training",
};

/** What was run at a scale, in words: settings, model, data, lengths, engine, machine, what is lost. */
export function scaleFacts(scale: Scale): string[] {
  const lost = [...scale.lost].flatMap(([key, entries]) =>
    entries.map(({ id, kind, seed, lost }) =>
      `${LOST[lost]}: the record of ${labelOf(scale, key)}, ${kind}, seed ${seed} (${id.slice(0, 8)})`
    )
  );
  return [
    ...(scale.set.length === 0 ? [] : [`Settings: ${settingsName(scale)}`]),
    ...recordFacts([...scale.records.values()].flat()),
    ...again(scale),
    ...lost.sort(),
  ];
}

/** The label of the first run that has a phase. */
export function labelOf({ runs }: Scale, key: string): string {
  const run = [...runs.values()].flat().find(({ phases }) => phases.some((phase) => phase.key === key));
  return run?.label ?? "";
}

/** What records say of model, data, lengths, engine and machine; each fact with all values that there are. */
export function recordFacts(used: readonly UsedRecord[]): string[] {
  const records = used.map(({ record }) => record);
  const kinds = Object.keys(KINDS) as PhaseKind[];
  const facts: [string, string[]][] = [
    ["Model", [...Map.groupBy(records, ({ phase }) => modelTitle(phase.config))].map(modelText)],
    ["Data", records.map(({ dataset, hashes }) => `${dataset.name}, data ${hashes.data.slice(0, 8)}`)],
    ...kinds.map((kind): [string, string[]] => [
      KINDS[kind],
      lengthTexts(records.filter(({ phase }) => phase.kind === kind)),
    ]),
    [
      "Engine",
      records.map(({ engine }) => `${engine.name} on ${engine.backend} ${engine.version}, threads: ${engine.threads}`),
    ],
    [
      "Machine",
      records.map(({ machine: { cpu, cores, os, arch, runtime } }) =>
        `${cpu}, cores: ${cores}, ${os} ${arch}, ${runtime}`
      ),
    ],
    ["Code", records.map(({ hashes: { code, lock } }) => `${code.slice(0, 8)}, packages ${lock.slice(0, 8)}`)],
    ["Commit", records.flatMap(({ git }) => git ? [`${git.commit.slice(0, 8)}${git.clean ? "" : ", changed"}`] : [])],
    ["Command", records.map(({ asked }) => commandOf(asked))],
    ["Processes", records.flatMap(processesText)],
  ];
  return facts.flatMap(([name, values]) => values.length === 0 ? [] : [`${name}: ${distinct(values)}`]);
}

/** Values that differ, each once, the most frequent first. */
function distinct(values: string[]): string {
  const groups = [...Map.groupBy(values, (value) => value)];
  groups.sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1));
  const shown = groups.slice(0, MOST).map(([value]) => value).join("; ");
  return groups.length > MOST ? `${shown}; and ${groups.length - MOST} others` : shown;
}

/** A model with what each kind of phase trains of it: "ViT 96x12, 1.61 M parameters in pre-training, 970 in linear probe". */
function modelText([title, records]: [string, PhaseRecord[]]): string {
  const kinds = Object.keys(KINDS) as PhaseKind[];
  const trained = kinds.map((kind) => ({
    kind,
    sizes: records.filter(({ phase, params }) => phase.kind === kind && params > 0).map(({ params }) => params),
  })).filter(({ sizes }) => sizes.length > 0);
  const texts = trained.map(({ kind, sizes }, k) => {
    const size = Math.max(...sizes) < SMALL
      ? range(sizes, grouped)
      : `${range(sizes, (size) => fixed(size / 1e6, 2))} M`;
    return `${size} ${k === 0 ? "parameters " : ""}in ${KINDS[kind].toLowerCase()}`;
  });
  return [title, ...texts].filter((part) => part !== "").join(", ");
}

/** "5", or "1 to 150". */
function range(values: number[], text: (value: number) => string): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map(text);
  return least === most ? least : `${least} to ${most}`;
}

/** The model that a phase's config describes, in a few words; "" where it is of no known form. */
function modelTitle({ method, model, net }: Record<string, unknown>): string {
  if (isNamed(net)) {
    try {
      const chosen = convNetOf({ ...net, numClasses: 1 });
      return chosen.net.title(chosen.config);
    } catch (error) {
      if (error instanceof UserError) return net.name;
      throw error;
    }
  }
  if (isNamed(method)) {
    try {
      const chosen = methodOf(method);
      return chosen.method.title(chosen.config);
    } catch (error) {
      if (error instanceof UserError) return method.name;
      throw error;
    }
  }
  if (typeof model !== "object" || model === null) return "";
  const { embedDim, depth, patchSize, imageSize } = model as Record<string, unknown>;
  return `ViT ${embedDim}x${depth}, patch ${patchSize}, ${imageSize} px`;
}

function isNamed(value: unknown): value is { name: string } & Record<string, unknown> {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}

/** How long phases of one kind took in epochs, and on how many images: each length, or of many lengths the range. */
function lengthTexts(records: PhaseRecord[]): string[] {
  const texts = [...new Set(records.map((record) => lengthText([record])))];
  return texts.length > MOST ? [lengthText(records)] : records.map((record) => lengthText([record]));
}

/** "5 epochs of 320 images, evaluated on 240 images". */
function lengthText(records: PhaseRecord[]): string {
  const numbers = (of: (record: PhaseRecord) => number) => range(records.map(of), grouped);
  const [{ phase: { kind } }] = records;
  const evaluated = kind === "pretrain" ? [] : [`evaluated on ${numbers(({ dataset }) => dataset.test)} images`];
  const epochs = numbers((record) => record.epochs.length);
  const trained = epochs === "0"
    ? `${numbers(({ dataset }) => dataset.train)} training images`
    : `${epochs} ${epochs === "1" ? "epoch" : "epochs"} of ${numbers(imagesPerEpoch)} images`;
  return [trained, ...evaluated].join(", ");
}

function imagesPerEpoch({ epochs: [first], imagesPerIteration }: PhaseRecord): number {
  return first.iterations * imagesPerIteration;
}

/** Which processes shared a phase, if they were several. */
function processesText(record: PhaseRecord): string[] {
  const spans = ranksShape(record)?.map(({ library, perHost, accum }) => {
    const count = perHost.reduce((sum, each) => sum + each, 0), machines = perHost.length;
    const which = count === 1
      ? "one"
      : `${count} on ${machines === 1 ? "one machine" : `${machines} machines`}, ${library}`;
    return accum === undefined ? which : `${which}, ${accum} passes a step each`;
  });
  return spans ? [spans.join(", then ")] : [];
}

/** Warnings about phases that were run again in one environment and did not compute the same numbers. */
function again(scale: Scale): string[] {
  return [...scale.records].flatMap(([key, records]) => {
    const environments = Map.groupBy(records, ({ environment: { key, methods } }) => JSON.stringify([key, methods]));
    const differ = [...environments.values()].some((alike) =>
      new Set(alike.map(({ record }) => coreHash(record))).size > 1
    );
    const { kind, seed } = records[0].record.phase;
    return differ
      ? [`Warning: ${labelOf(scale, key)}, ${kind}, seed ${seed} was run again and did not compute equal numbers`]
      : [];
  }).sort();
}

/** The command that asks for such records. */
function commandOf({ experiment, profile, set }: PhaseRecord["asked"]): string {
  const words = set.map((word) => ` --set ${/^[\w.=+-]+$/.test(word) ? word : `'${word}'`}`);
  return `deno task repro ${experiment} --profile ${profile}${words.join("")}`;
}
