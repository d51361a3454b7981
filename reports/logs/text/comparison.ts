import type { Drop } from "../drops.ts";
import type { Examination } from "../examine.ts";
import type { FormVerdict } from "../judgeForms.ts";
import { columns, type Fact, factLines, plain } from "./layout.ts";
import { lossText } from "./summary.ts";

/** What a run shows beside what its recipe announces. */
export function comparisonText({ drops, compared }: Examination): string[] {
  if (typeof compared === "string") {
    return [`No comparison with a schedule: ${plain(compared)}`, ...factLines(dropFacts(drops.loss, drops.time))];
  }
  const { lr, forms } = compared;
  return [
    "Beside the schedule of its recipe",
    ...factLines([["LR", lrText(lr)], ...dropFacts(drops.loss, drops.time), ...forms.map(formFact)]),
    ...layerTable(forms),
  ];
}

function lrText({ largest, matches }: Exclude<Examination["compared"], string>["lr"]): string {
  if (!largest) return "not logged by iteration";
  const { epoch, logged, predicted, deviation } = largest;
  const where = `at epoch ${epoch.toFixed(2)}: logged ${logged.toFixed(6)}, scheduled ${predicted.toFixed(7)}`;
  if (matches) return `as scheduled to the last printed digit; farthest off ${where}`;
  return `NOT as scheduled: off by up to ${deviation.toExponential(1)}, ${where}`;
}

function dropFacts(loss: Drop[], time: Drop[]): Fact[] {
  const together = (a: Drop, b: Drop) => Math.abs(a.epoch - b.epoch) <= a.resolution + b.resolution;
  const lines = [
    ...loss.map((drop) => lossDrop(drop, time.find((other) => together(drop, other)))),
    ...time.filter((drop) => !loss.some((other) => together(drop, other)))
      .map((drop) => `${place(drop)}: time alone ${fall(drop)}`),
  ];
  if (lines.length === 0) return [["drops", "none in the loss, none in the time"]];
  return lines.map((line, k) => [k === 0 ? "drops" : "", line]);
}

function lossDrop(drop: Drop, time: Drop | undefined): string {
  const levels = `${lossText(drop.before)} to ${lossText(drop.after)} (${fall(drop)})`;
  return `${place(drop)}: loss ${levels}, time ${time ? fall(time) : "does not fall"}`;
}

function place({ epoch, resolution }: Drop): string {
  return `at ${epoch.toFixed(3)} ± ${resolution.toFixed(3)}`;
}

function fall({ before, after }: Drop): string {
  return `-${(100 * (1 - after / before)).toFixed(0)} %`;
}

function formFact({ form, verdict, reason, largest }: FormVerdict): Fact {
  if (form === "no freezing") {
    return ["freezing", `${verdict === "matches" ? "none, as the recipe says" : "NOT as the recipe says"}: ${reason}`];
  }
  const off = largest === null ? "" : `, off by up to ${largest.toFixed(3)} epochs`;
  return [`form ${form}`, `${verdict === "rejected" ? "REJECTED" : verdict}${off}: ${plain(reason)}`];
}

/** When the layers freeze in either form, and the drops beside the layers whose stage ends with them. */
function layerTable(forms: FormVerdict[]): string[] {
  const known = forms.filter(({ layers }) => layers.length > 0);
  if (known.length === 0) return [];
  const epoch = (value: number | null | undefined, none: string) => value?.toFixed(2) ?? none;
  const rows = known[0].layers.map(({ name }, k) => {
    const end = known[0].stages.find((stage) => stage.name === name);
    return [
      name,
      ...known.map(({ layers }) => epoch(layers[k].epoch, "never")),
      end ? epoch(end.found, "-") : "",
      end ? `stage ${end.stage}` : "",
    ];
  });
  return [
    "",
    ...columns([["freezing of", ...known.map(({ form }) => `form ${form}`), "drop at", "end of"], ...rows], 1),
  ];
}
