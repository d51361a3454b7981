import type { Bench, Entry, FreezeTime, Sample } from "./model.ts";
import { fixed } from "../../reports/format.ts";

/** A measured value with its unit: "2.31 s", "480 images/s", "2.74 GB". */
export function valueText(value: number, unit: Entry["unit"]): string {
  return `${unitless(value, unit)} ${unit === "bytes" ? "GB" : unit}`;
}

/** The same without the unit: "2.31", "480", "2.74". */
export function unitless(value: number, unit: Entry["unit"]): string {
  return digits(unit === "bytes" ? value / 1e9 : value);
}

/** Least and most: "2.29 … 2.40". */
export function rangeText({ min, max }: Sample, unit: Entry["unit"]): string {
  return `${unitless(min, unit)} … ${unitless(max, unit)}`;
}

/** "2.05x", or "-" without a peer. */
export function ratioText(ratio: number | null): string {
  return ratio === null ? "-" : `${fixed(ratio, ratio >= 99.95 ? 0 : ratio >= 9.995 ? 1 : 2)}x`;
}

/** About three digits that matter; no exponent. */
export function digits(value: number): string {
  return fixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 1 ? 2 : 3);
}

/** A state's time over that of the unfrozen steps measured with it. */
export function relativeTime({ seconds, baseline }: FreezeTime): number {
  return seconds.median / baseline.median;
}

/** Cells of the table of freeze states: frozen layers, then seconds and share for each way, then the event. */
export function freezeRows({ states }: NonNullable<Bench["freeze"]>): string[][] {
  return [...Map.groupBy(states, ({ frozen }) => frozen)].map(([frozen, group]) => {
    const cells = (["cut", "live"] as const).flatMap((backward) => {
      const state = group.find((one) => one.backward === backward);
      if (state === undefined) return ["-", "-", "-"];
      return [valueText(state.seconds.median, "s"), fixed(relativeTime(state), 3), valueText(state.event, "s")];
    });
    return [String(frozen), ...cells];
  });
}

/** Head of the table of freeze states. */
export const FREEZE_HEAD = ["frozen layers", "cut", "of unfrozen", "event", "live", "of unfrozen", "event"];

/** Cells of the table of savings, in percent. */
export function savingRows({ savings, published, authors }: NonNullable<Bench["freeze"]>): string[][] {
  const percent = (value: number) => `${fixed(value, 1)} %`;
  return [
    ...savings.map(({ backward, withHog, withoutHog, predicted, predictedOperations }) => [
      `backward pass ${backward}`,
      percent(withHog),
      percent(withoutHog),
      percent(predicted),
      percent(predictedOperations),
    ]),
    ["published", percent(published), "-", "-", "-"],
    ["the author's logs", percent(authors), "-", "-", "-"],
  ];
}

/** Head of the table of savings. */
export const SAVING_HEAD = ["saved", "with HOG", "without HOG", "cost model", "its operations"];

/** Who measured what where, one fact a line. */
export function factLines({ machine, versions, peer, settings, start, command }: Bench): string[] {
  const { cpu, cores, memory, os, arch, load } = machine;
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const peerText = peer === null
    ? "no peer"
    : `PyTorch ${peer.torch}, ${threadText(peer.threads)}; [1568, 768] x [768, 3072] at ${digits(peer.gflops)} GFLOP/s`;
  const { batch, threads, items, quick } = settings;
  return [
    `machine: ${cpu}, ${cores} cores, ${digits(memory / 2 ** 30)} GiB, ${os} ${arch}; load ${
      fixed(load, 2)
    } at the start`,
    `versions: ${versionList}`,
    `peer: ${peerText}`,
    `measured: ${items.join(", ")}; batch ${batch}, ${threadText(threads)}${quick ? "; quick: few repetitions" : ""}`,
    `command: ${command}`,
    `start: ${start}`,
  ];
}

function threadText(threads: number): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}
