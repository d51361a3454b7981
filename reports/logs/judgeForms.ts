import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { type Drop, SIDE, type Stretches } from "./drops.ts";
import { type FormPrediction, predictForm, type StageEnd } from "./freezeForms.ts";
import type { Recipe } from "./recipe.ts";

/** Whether the loss drops where one form of the recipe's schedule ends its stages. */
export interface FormVerdict {
  form: FreezeSchedule["form"] | "no freezing";
  verdict: "matches" | "rejected" | "not testable";
  reason: string;
  /** The largest distance of a drop from the end of its stage, in epochs; null without such a pair. */
  largest: number | null;
  stages: (StageEnd & { /** The drop that belongs to it, in epochs. */ found: number | null })[];
  layers: FormPrediction["layers"];
}

/** Epochs by which a drop may miss the end of its stage, besides its resolution. */
const TOLERANCE = 0.05;

/**
 * Judges both forms of a recipe's freezing schedule by where the loss drops: it falls when a stage ends, since its part
 * leaves the sum. A recipe without freezing is judged by the absence of drops.
 *
 * @param drops of the loss
 * @param seen the values that they were found in
 */
export function judgeForms(recipe: Recipe, drops: Drop[], seen: Stretches): FormVerdict[] {
  if (!recipe.freezing) return [judgeNone(drops)];
  return (["code", "paper"] as const).map((form) => judgeForm(form, predictForm(recipe, form), drops, seen));
}

function judgeNone(drops: Drop[]): FormVerdict {
  const none: FormVerdict = {
    form: "no freezing",
    verdict: "matches",
    reason: "the loss never drops at once",
    largest: null,
    stages: [],
    layers: [],
  };
  const where = drops.map(({ epoch }) => epoch.toFixed(2)).join(", ");
  return drops.length === 0 ? none : { ...none, verdict: "rejected", reason: `the loss drops at ${where}` };
}

/** A stage's end and the drop that belongs to it. */
interface Pair {
  end: StageEnd;
  drop: Drop;
  /** Their distance in epochs. */
  miss: number;
}

function judgeForm(
  form: FreezeSchedule["form"],
  prediction: FormPrediction | string,
  drops: Drop[],
  seen: Stretches,
): FormVerdict {
  if (typeof prediction === "string") {
    return { form, verdict: "not testable", reason: prediction, largest: null, stages: [], layers: [] };
  }
  const { layers, ends } = prediction;
  const covered = ends.filter(({ epoch }) => seen.to[SIDE - 1] < epoch && epoch < seen.from[seen.from.length - SIDE]);
  const pairs = drops.length === 0 ? [] : covered.map((end, k): Pair => {
    const drop = drops.length === covered.length ? drops[k] : nearest(drops, end.epoch);
    return { end, drop, miss: Math.abs(drop.epoch - end.epoch) };
  }).sort((a, b) => b.miss - a.miss);
  return {
    form,
    ...verdictOf(covered, drops, pairs),
    largest: pairs.at(0)?.miss ?? null,
    stages: ends.map((end) => ({ ...end, found: pairs.find((pair) => pair.end === end)?.drop.epoch ?? null })),
    layers,
  };
}

function nearest(drops: Drop[], epoch: number): Drop {
  return drops.reduce((a, b) => Math.abs(b.epoch - epoch) < Math.abs(a.epoch - epoch) ? b : a);
}

/** @param pairs the farthest apart first */
function verdictOf(covered: StageEnd[], drops: Drop[], pairs: Pair[]): Pick<FormVerdict, "verdict" | "reason"> {
  if (covered.length === 0) return { verdict: "not testable", reason: "the log covers no end of a stage" };
  if (drops.length !== covered.length) {
    const times = drops.length === 1 ? "once" : `${drops.length} times`;
    return { verdict: "rejected", reason: `${covered.length} stages end, the loss drops ${times}` };
  }
  const off = pairs.find(({ miss, drop }) => miss > TOLERANCE + drop.resolution);
  if (!off) return { verdict: "matches", reason: "the loss drops where the stages end" };
  const { end, drop } = off;
  const reason = `stage ${end.stage} ends at ${end.epoch.toFixed(2)}, the loss drops at ${drop.epoch.toFixed(2)}`;
  return { verdict: "rejected", reason };
}
