import { percent } from "../../cli/align.ts";
import type { Course, Stretch } from "./course.ts";
import type { Measured } from "./measured.ts";

/** Share of a run's time from which the making of new steps is worth a word. */
const WORTH_A_WORD = 0.005;

const layerText = (layer: number) => layer === 0 ? "layer 0" : `layer ${layer}`;

/** Why a run does not save more, the heaviest reason first; nothing of what does not apply. */
export function reasonsOf({ stretches, savings, floor, layers }: Course, measured?: Measured): string[] {
  const steps = stretches.reduce((sum, each) => sum + each.steps, 0), [first] = stretches;
  if (stretches.length === 1 && first.live === layers) {
    return ["Nothing freezes: every layer trains to the last step. A schedule is set by freeze.t0 below 1."];
  }
  const held = stretches.filter(({ through }) => through > 0);
  return [
    ...(held.length > 0 ? [heldText(held, savings)] : []),
    ...(first.live === layers
      ? [
        `For ${percent(first.steps / steps)} of the steps nothing is frozen yet; layer 0 stops at step ${
          first.from + first.steps
        } of ${steps}.`,
      ]
      : []),
    ...(floor === undefined ? [] : [
      `Frozen layers still compute their forward pass: with all but the last frozen a step would cost ${
        percent(floor)
      } of an unfrozen one.`,
    ]),
    ...(measured && measured.compileSeconds > WORTH_A_WORD * measured.stepSeconds
      ? [
        `Steps are made anew where something freezes: ${measured.compileSeconds.toFixed(1)} s in this record, ${
          percent(measured.compileSeconds / measured.stepSeconds)
        } of its steps' time, which a longer run spreads over more of them.`,
      ]
      : []),
  ];
}

/** Which tensor keeps the backward pass going through frozen layers, and what ending it would save. */
function heldText(held: readonly Stretch[], savings: Course["savings"]): string {
  const worst = held.reduce((a, b) => b.through > a.through ? b : a), cut = savings[1];
  const more = cut && cut.what.startsWith("backward cut")
    ? ` Ended at the first live layer, it would save ${percent(cut.share)} in place of ${percent(savings[0].share)}.`
    : "";
  return `'${worst.because}' wants a gradient, so the backward pass runs down to ${
    layerText(worst.end)
  }, through up to ` +
    `${worst.through} frozen layers, whose inputs' gradients are computed for it alone.${more}`;
}
