import { medianOf } from "../../core/median.ts";
import type { Epoch, PhaseRecord } from "../../records/record.ts";
import type { Course } from "./course.ts";

/** What a record says of the time that freezing took and saved. */
export interface Measured {
  /** Median seconds of a step in each stretch, over that in the first; of a stretch without a whole epoch nothing. */
  relative: (number | undefined)[];
  /** What was saved of as many steps as before the first freeze, from 0 to 1. */
  saved?: number;
  /** Seconds of all steps, and of making steps anew where something froze. */
  stepSeconds: number;
  compileSeconds: number;
  /** The most processes that wanted a core in an epoch, where these were more than its own: then times say nothing. */
  beside?: number;
}

/** Processes beside a run's own threads from which on it shared the machine. */
const OTHERS = 0.5;

/** Seconds that an epoch's steps took: all that is counted but the making of new steps. */
const secondsOf = ({ seconds: { compile: _compile = 0, ...parts } }: Epoch) =>
  Object.values(parts).reduce((sum, each) => sum + each, 0);

/** Puts the epochs of a record beside the stretches of its course. */
export function measured({ stretches }: Course, { epochs, engine }: Pick<PhaseRecord, "epochs" | "engine">): Measured {
  const load = Math.max(0, ...epochs.map(({ load = 0 }) => load));
  let steps = 0;
  const placed = epochs.map((epoch) => ({ epoch, start: steps, end: steps += epoch.iterations }));
  const perStep = stretches.map(({ from, steps }) => {
    const whole = placed.filter(({ start, end }) => start >= from && end <= from + steps);
    return whole.length > 0 ? medianOf(whole.map(({ epoch }) => secondsOf(epoch) / epoch.iterations)) : undefined;
  });
  const [base] = perStep;
  const stepSeconds = epochs.reduce((sum, epoch) => sum + secondsOf(epoch), 0);
  // The first epoch's steps are made in any case.
  const compileSeconds = epochs.slice(1).reduce((sum, { seconds: { compile = 0 } }) => sum + compile, 0);
  return {
    relative: perStep.map((each) => each !== undefined && base ? each / base : undefined),
    ...(base && { saved: 1 - stepSeconds / (steps * base) }),
    stepSeconds,
    compileSeconds,
    ...(load > (engine.threads ?? 1) + OTHERS && { beside: load }),
  };
}
