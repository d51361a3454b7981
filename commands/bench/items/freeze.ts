import { DEVICES } from "../../../core/cost/devices.ts";
import { predictRun } from "../../../core/cost/runCost.ts";
import { OUR_CHOICES } from "../../../core/cost/stepCost.ts";
import { type Context, type Measured, pauseOf } from "../context.ts";
import type { Backward, FreezeTime, Saving } from "../model.ts";
import { ownEntry } from "../entries.ts";
import { race, type Timed } from "../race.ts";
import { referenceSavings } from "../references.ts";
import { frozenShares, savedPercent } from "../savings.ts";
import { summarise } from "../statistics.ts";
import { MODEL, type Ready, SCHEDULE, Trainer } from "../trainer.ts";

const ALL = Array.from({ length: MODEL.depth + 1 }, (_, frozen) => frozen);
/** Before and after each decoder's end; between these states a step gets shorter by one block at a time. */
const FEW = [...new Set([0, ...MODEL.stageBlocks.flatMap((block) => [block, block + 1])])].filter((n) =>
  n <= MODEL.depth
);

/**
 * The step time with 0, 1, 2 … frozen layers, backward pass cut and live, each state in turn with the unfrozen step; and
 * what the schedule saves by it.
 */
export async function measureFreeze(context: Context): Promise<Measured> {
  const { settings } = context, wanted = settings.quick ? FEW : ALL;
  using trainer = await Trainer.create(settings.threads, settings.batch);
  const baseline = await trainer.ready(0, "cut");
  await trainer.step(baseline);
  const states: FreezeTime[] = [];
  for (const frozen of wanted) {
    for (const backward of ["cut", "live"] as const) {
      context.say(`freeze: ${frozen} layers, ${backward}`);
      states.push(await measureState(context, trainer, baseline, frozen, backward));
    }
  }
  baseline.step.dispose();
  const savings = (["cut", "live"] as const).map((backward) => savingOf(states, backward, settings.batch));
  const events = ownEntry("freeze event", "s", states.map(({ event }) => event));
  return { entries: [events], freeze: { states, savings, ...await referenceSavings() } };
}

async function measureState(
  context: Context,
  trainer: Trainer,
  baseline: Ready,
  frozen: number,
  backward: Backward,
): Promise<FreezeTime> {
  const start = performance.now(), ready = await trainer.ready(frozen, backward);
  const event = (performance.now() - start) / 1000;
  await trainer.step(ready); // its first step allocates
  const times = await race(
    [{ name: "frozen", once: () => trainer.step(ready) }, { name: "unfrozen", once: () => trainer.step(baseline) }],
    { warmup: 0, kept: context.settings.quick ? 1 : 5 },
    pauseOf(context),
  );
  ready.step.dispose();
  const [own, other] = times.map(withAndWithoutHog);
  return {
    frozen,
    backward,
    seconds: own.whole,
    secondsWithoutHog: own.withoutHog,
    baseline: other.whole,
    baselineWithoutHog: other.withoutHog,
    event,
  };
}

function withAndWithoutHog({ repetitions }: Timed) {
  return {
    whole: summarise(repetitions.map(({ seconds }) => seconds)),
    withoutHog: summarise(repetitions.map(({ seconds, parts }) => seconds - parts.hog)),
  };
}

/**
 * Percent that the schedule saves, from each state's time over that of the unfrozen steps between its own. With no layer
 * frozen the share is 1; what is measured there tells the noise.
 */
export function savingOf(states: readonly FreezeTime[], backward: Backward, batch: number): Saving {
  const shares = frozenShares(SCHEDULE), mine = states.filter((state) => state.backward === backward);
  const relative = (value: (state: FreezeTime) => number) =>
    new Map(mine.map((state) => [state.frozen, state.frozen === 0 ? 1 : value(state)]));
  const { saving } = predictRun(MODEL, SCHEDULE, { ...OUR_CHOICES, backward, batch, accumulation: 1 }, DEVICES.cpu);
  return {
    backward,
    withHog: savedPercent(shares, relative(({ seconds, baseline }) => seconds.median / baseline.median)),
    withoutHog: savedPercent(
      shares,
      relative(({ secondsWithoutHog, baselineWithoutHog }) => secondsWithoutHog.median / baselineWithoutHog.median),
    ),
    predicted: 100 * saving.seconds,
    predictedOperations: 100 * saving.flops,
  };
}
