import type { UsedRecord } from "./linked.ts";

/** What kind of device the backends of a card are; all others compute on the processor. */
const CARDS: Record<string, string> = {
  "onnxruntime-webgpu": "webgpu",
  "onnxruntime-cuda": "cuda",
  "onnxruntime-cuda-tf32": "cuda-tf32",
  webgpu: "webgpu",
  "tensorflow-gpu": "cuda",
};

/** The kinds of devices on which a record was computed, with all that it rests on. */
export function deviceOf({ environment: { parts: { engine } } }: UsedRecord): string {
  const kinds = engine.split("\n").map((each) => CARDS[(JSON.parse(each) as { backend: string }).backend] ?? "cpu");
  return [...new Set(kinds)].sort().join("+");
}

/**
 * Records by the kind of device that computed them, for such results are not pooled: a card adds in another order, and all later
 * steps follow from that. What rests on another kind of device comes with what it rests on.
 */
export function byDevice(records: readonly UsedRecord[]): UsedRecord[][] {
  const byId = new Map(records.map((one) => [one.id, one]));
  return [...Map.groupBy(records, deviceOf).values()].map((own) => {
    const all = new Set(own);
    for (const one of all) {
      const start = one.record.startedFrom === null ? undefined : byId.get(one.record.startedFrom);
      if (start) all.add(start);
    }
    return records.filter((one) => all.has(one));
  });
}
