import type { RecordLink, ScaleSummary, WeightsReport } from "../model.ts";
import { labelOf, scaleFacts } from "./facts.ts";
import { sortedLinks } from "./links.ts";
import { type Scale, settingsName } from "./scale.ts";
import { timesFact } from "./timesFact.ts";

/** One scale with all its records, by the runs that need them first. */
export function scaleSummary(scale: Scale): ScaleSummary {
  const records = [...scale.records.values()].flat(),
    runs = [...scale.runs].flatMap(([experiment, runs]) =>
      runs.filter(({ phases }) => scale.records.has(phases[0].key)).map((run) => ({ experiment, run }))
    );
  return {
    id: scale.id,
    settings: settingsName(scale),
    experiments: [...new Set(runs.map(({ experiment }) => experiment))],
    facts: [...scaleFacts(scale), ...scale.times.map(timesFact)],
    runs: new Set(runs.map(({ run: { phases } }) => phases[0].key)).size,
    records: [...Map.groupBy(links(scale), ({ label }) => label)].map(([label, links]) => ({
      label,
      links: sortedLinks(links.map(({ label: _label, ...link }) => link)),
    })),
    weights: weights(scale),
    hours: hoursOf(records.map(({ record }) => record)),
    measured: { count: scale.times.length, hours: hoursOf(scale.times.map(({ times }) => times)) },
  };
}

/** From the start to the end of each, in hours to three decimals. */
function hoursOf(all: readonly { start: string; end: string }[]): number {
  const milliseconds = all.reduce((sum, { start, end }) => sum + Date.parse(end) - Date.parse(start), 0);
  return Number((milliseconds / 3.6e6).toFixed(3));
}

/** All records that there are or were, in the order of the runs. */
function links(scale: Scale): (RecordLink & { label: string })[] {
  const order = new Map([...scale.runs.values()].flat().flatMap(({ phases }) => phases).map(({ key }, k) => [key, k]));
  const present = [...scale.records].flatMap(([key, records]) =>
    records.map(({ id, href, record: { phase: { kind, seed } } }) => ({ key, id, kind, seed, href, lost: null }))
  );
  const gone = [...scale.lost].flatMap(([key, entries]) =>
    entries.map(({ id, kind, seed, lost }) => ({ key, id, kind, seed, href: "", lost }))
  );
  return [...present, ...gone].sort((a, b) => order.get(a.key)! - order.get(b.key)! || (a.id < b.id ? -1 : 1))
    .map(({ key, ...link }) => ({ ...link, label: labelOf(scale, key) }));
}

/** The weights that phases have left at their ends, in the order of the runs. */
function weights(scale: Scale): WeightsReport[] {
  const order = new Map([...scale.runs.values()].flat().flatMap(({ phases }) => phases).map(({ key }, k) => [key, k]));
  const found = [...scale.records].flatMap(([key, records]) => records.map((record) => ({ key, ...record })));
  found.sort((a, b) => order.get(a.key)! - order.get(b.key)! || (a.id < b.id ? -1 : 1));
  return found.flatMap(({ key, id, href, record: { phase: { kind, seed }, epochs, weights, params, metrics } }) => {
    const sha256 = weights[epochs.length];
    if (sha256 === undefined || kind === "knn") return [];
    const top1 = metrics.top1 ?? null;
    return [{ label: labelOf(scale, key), kind, seed, epochs: epochs.length, params, sha256, top1, id, href }];
  });
}
