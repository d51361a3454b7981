import type { PhaseRecord } from "../../records/schema.ts";
import type { Environment } from "./environment.ts";
import type { UsedRecord } from "./linked.ts";

/** The device of all that no card computes. */
export const PROCESSOR = "cpu";

/** What the backends of a card are; all others compute on the processor. */
const CARDS: Record<string, string> = {
  "onnxruntime-webgpu": "webgpu",
  "onnxruntime-cuda": "cuda",
  "onnxruntime-cuda-tf32": "cuda-tf32",
  webgpu: "tfjs on webgpu",
  "tensorflow-gpu": "tensorflow on cuda",
};

/** The devices on which something was computed, with all that it rests on: kinds, and cards by name. */
export function deviceOf({ environment: { parts: { engine } } }: { environment: Environment }): string {
  const all = engine.split("\n").map((each) => {
    const { backend, adapter } = JSON.parse(each) as PhaseRecord["engine"], kind = CARDS[backend] ?? PROCESSOR;
    return adapter === undefined ? kind : `${kind} ${adapter}`;
  });
  return [...new Set(all)].sort().join("+");
}

/**
 * Records by the device that computed them, for such results are not pooled: a card adds in another order, and all later
 * steps follow from that. What rests on another device comes with what it rests on.
 */
export function byDevice(records: readonly UsedRecord[]): Map<string, UsedRecord[]> {
  const byId = new Map(records.map((one) => [one.id, one]));
  const groups = [...Map.groupBy(records, deviceOf)].map(([device, own]) => {
    const all = new Set(own);
    for (const one of all) {
      const start = one.record.startedFrom === null ? undefined : byId.get(one.record.startedFrom);
      if (start) all.add(start);
    }
    return [device, records.filter((one) => all.has(one))] as const;
  });
  return new Map(groups);
}
