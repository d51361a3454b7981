import { sha256 } from "../../core/sha256.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { EXPERIMENTS } from "../../experiments/mod.ts";
import { canonicalJson } from "../../records/canonical.ts";
import type { LostRecord } from "../../records/folder.ts";
import { counted } from "../format.ts";
import { byContent } from "./contents.ts";
import { byDevice, deviceOf, PROCESSOR } from "./devices.ts";
import type { LinkedRecord, UsedRecord } from "./linked.ts";
import { type Asked, type KeyedRun, runsAt } from "./runs.ts";
import { type LinkedTimes, timedComputation, timesAt, usableTimes, type UsedTimes } from "./times.ts";
import { usableRecords } from "./usable.ts";

/** How a line on a lost record begins. */
export const LOST = { missing: "Missing", damaged: "Damaged" } as const;
/** Letters of a scale's name, which is part of files' names. */
const MOST_LETTERS = 60;
/** The profile of the published settings. */
const PAPER = "paper";

/** What was run at the same settings on data of the same content and on the same kind of device, whatever experiment asked for it. */
export interface Scale extends Asked {
  /** Letters, digits and dashes: the profile, and a part of a hash where that does not say it all. */
  id: string;
  /** Whether it is the scale of the print. */
  published: boolean;
  /** All runs that there could be, by experiment: seeds, then rows. */
  runs: ReadonlyMap<string, readonly KeyedRun[]>;
  /** By key; of one key there are several where it was run again. */
  records: ReadonlyMap<string, readonly UsedRecord[]>;
  /** The measurements of times, that first which counts where several hold the same. */
  times: readonly UsedTimes[];
  /** What is lost of keys without a record, by key. */
  lost: ReadonlyMap<string, readonly LostRecord[]>;
}

/** The scales of some records, and what is to be said about records that belong to none. */
export interface Scales {
  /** The one with the most computation first. */
  scales: Scale[];
  /** One line each. */
  warnings: string[];
}

/** Whether settings are those of the print. */
export function isPublished({ profile, set }: Asked): boolean {
  return profile === PAPER && set.length === 0;
}

/** Settings in words: "profile ci with pretrain.epochs=3". */
export function settingsName({ profile, set }: Asked): string {
  return `profile ${profile}${set.length === 0 ? "" : ` with ${set.join(", ")}`}`;
}

/**
 * The scales of records. Their order does not matter.
 *
 * @param lost what the ledger knows and nothing can read: it is looked for at the settings of all records, and at its
 * profile's own
 * @param times measurements of times
 */
export function scalesOf(
  records: readonly LinkedRecord[],
  lost: readonly LostRecord[],
  experiments: readonly Experiment[] = EXPERIMENTS,
  times: readonly LinkedTimes[] = [],
): Scales {
  const { used, warnings } = usableRecords(records), timed = usableTimes(times);
  const seeds = seedsOf(used, lost, timed.used);
  const wanted = askedOf(used, lost, timed.used).map((asked) => ({
    asked,
    runs: new Map(experiments.map((experiment) => [experiment.id, runsAt(experiment, asked, seeds)])),
  }));
  const scales = wanted.flatMap(({ asked, runs }) => scalesAt(asked, runs, used, lost, timed.used));
  const found = new Set(scales.flatMap(({ records }) => [...records.values()].flat()));
  const placed = new Set(scales.flatMap(({ lost }) => [...lost.values()].flat()));
  const keys = new Set(used.map(({ record }) => record.key));
  return {
    scales: named(scales),
    warnings: [
      ...warnings,
      ...timed.warnings,
      ...unasked(used.filter((one) => !found.has(one))),
      ...lost.filter((one) => !placed.has(one) && !keys.has(one.key)).map(({ id, kind, seed, experiment, lost }) =>
        `${LOST[lost]}: ${id}.json, ${kind}, seed ${seed}, which ${experiment} asked for`
      ),
    ],
  };
}

/**
 * The scale of some settings alone, with the records of the content that most of them have.
 *
 * @param records of any phases; those that the experiments have no use for at these settings are passed over
 */
export function scaleAt(asked: Asked, records: readonly LinkedRecord[], experiments: readonly Experiment[]): Scale {
  const { used } = usableRecords(records), seeds = seedsOf(used, [], []);
  const runs = new Map(experiments.map((experiment) => [experiment.id, runsAt(experiment, asked, seeds)]));
  const [largest] = scalesAt(asked, runs, used, [], []);
  const nothing = { ...asked, published: isPublished(asked), runs, records: new Map(), times: [], lost: new Map() };
  return { ...(largest ?? nothing), id: slug(asked.profile) };
}

/** Seed 0 is that of measurements of times. */
function seedsOf(used: UsedRecord[], lost: readonly LostRecord[], times: readonly LinkedTimes[]): number[] {
  const seeds = [
    ...used.map(({ record }) => record.phase.seed),
    ...lost.map(({ seed }) => seed),
    ...times.map(() => 0),
  ];
  return [...new Set(seeds)].sort((a, b) => a - b);
}

/** Each setting that something was asked for, once. */
function askedOf(used: UsedRecord[], lost: readonly LostRecord[], times: readonly LinkedTimes[]): Asked[] {
  const all: Asked[] = [
    ...used.map(({ record: { asked: { profile, set } } }) => ({ profile, set })),
    ...lost.map(({ profile }) => ({ profile, set: [] })),
    ...times.map(({ times: { asked: { profile, set } } }) => ({ profile, set })),
  ];
  return [...new Map(all.map(({ profile, set }) => [canonicalJson([profile, set]), { profile, set }])).entries()]
    .sort(([a], [b]) => a < b ? -1 : 1).map(([, asked]) => asked);
}

type UnnamedScale = Omit<Scale, "id">;

/** The scales of one setting, one for each content of the data and kind of device; none where nothing of it was run. */
function scalesAt(
  asked: Asked,
  runs: Scale["runs"],
  used: UsedRecord[],
  lost: readonly LostRecord[],
  times: readonly UsedTimes[],
): UnnamedScale[] {
  const keys = new Set([...runs.values()].flat().flatMap(({ phases }) => phases.map(({ key }) => key)));
  const groups = byContent(used.filter(({ record }) => keys.has(record.key))).flatMap((alike) => [...byDevice(alike)]);
  const measured = Map.groupBy(times, deviceOf);
  const scale = (device: string, own: UsedRecord[]): UnnamedScale => {
    const records = Map.groupBy(own, ({ record }) => record.key), times = timesAt(asked, measured.get(device) ?? []);
    const gone = lost.filter(({ key }) => keys.has(key) && !records.has(key));
    return {
      ...asked,
      published: isPublished(asked),
      runs,
      records,
      times,
      lost: Map.groupBy(gone, ({ key }) => key),
    };
  };
  // Where nothing was run, something may be lost, or only times were measured.
  const run = groups.length > 0 ? groups : [[PROCESSOR, []] as [string, UsedRecord[]]],
    known = run.map(([device]) => device);
  const timed = [...measured.keys()].filter((device) => !known.includes(device)).map((device) => ({
    ...scale(device, []),
    lost: new Map(),
  }));
  return [
    ...run.map(([device, own]) => scale(device, own)).filter(({ records, lost, times }) =>
      records.size + lost.size + times.length > 0
    ),
    ...timed.filter(({ times }) => times.length > 0),
  ];
}

/** The scales with their names, the largest first, of equal ones that with less set. */
function named(scales: UnnamedScale[]): Scale[] {
  const withLabel = scales.map((scale) => ({
    scale,
    label: labelOf(scale),
    size: Math.max(
      computation([...scale.records.values()].flat()),
      ...scale.times.map(({ times }) => timedComputation(times)),
    ),
  }));
  withLabel.sort((a, b) => b.size - a.size || a.scale.set.length - b.scale.set.length || (a.label < b.label ? -1 : 1));
  return withLabel.map(({ scale, label }) => {
    const name = slug(scale.profile);
    const alike = scales.filter((other) => slug(other.profile) === name && other.set.length === 0);
    return { ...scale, id: scale.set.length === 0 && alike.length === 1 ? name : `${name}-${label.slice(0, 8)}` };
  });
}

function labelOf({ profile, set, records }: UnnamedScale): string {
  const all = [...records.values()].flat(),
    data = all.map(({ record }) => canonicalJson([record.phase.data, record.hashes.data]));
  const cards = [...new Set(all.map(deviceOf))].filter((device) => device !== PROCESSOR).sort();
  return sha256(canonicalJson([profile, set, [...new Set(data)].sort(), ...(cards.length > 0 ? [cards] : [])]));
}

/** Parameters times images seen in training, at most: what orders scales. */
export function computation(records: readonly UsedRecord[]): number {
  const sizes = records.map(({ record: { params, imagesPerIteration, epochs } }) =>
    params * imagesPerIteration * epochs.reduce((sum, { iterations }) => sum + iterations, 0)
  );
  return Math.max(0, ...sizes);
}

/** A profile's name in letters that a file's name may have; of a long one the beginning and digits that stand for it. */
function slug(profile: string): string {
  const name = profile.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "scale";
  return name.length <= MOST_LETTERS ? name : `${name.slice(0, MOST_LETTERS)}-${sha256(profile).slice(0, 8)}`;
}

/** One line about the records whose phase no experiment has at the settings for which they were asked. */
function unasked(records: UsedRecord[]): string[] {
  if (records.length === 0) return [];
  const each = records.map(({ id, record: { asked } }) => `${id}.json (${asked.experiment}, ${settingsName(asked)})`);
  return [`Not used: no experiment asks for ${counted(records.length, "record")}: ${each.join("; ")}`];
}
