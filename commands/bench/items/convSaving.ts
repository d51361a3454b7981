import { netSpans, predictSaving, savingOf } from "../../../core/cost/convNet.ts";
import type { ConvNet, ConvNetConfig } from "../../../core/models/convnet/convNet.ts";
import { convNetOf } from "../../../core/models/convnet/mod.ts";
import type { FreezeOutSchedule } from "../../../core/schedules/freezeOut.ts";
import { type Context, pauseOf } from "../context.ts";
import { type ConvCase, ConvTrainer } from "../convTrainer.ts";
import { ownEntry } from "../entries.ts";
import type { Entry } from "../model.ts";
import { race } from "../race.ts";
import { summarise } from "../statistics.ts";

/** FreezeOut as the thesis runs it on convolutional networks: t0 0.8 cubic, 100 epochs of 900 iterations. */
const SCHEDULE: Omit<FreezeOutSchedule, "layers"> = {
  t0: 0.8,
  power: 3,
  scaled: true,
  baseLr: 0.1,
  epochs: 100,
  iterationsPerEpoch: 900,
  lengthPerEpoch: 900,
};

/**
 * Percent of a run that FreezeOut saves: measured, each stretch's step in turn with the unfrozen one, and as the cost model
 * predicts from multiply-adds.
 */
export async function measureConvSaving(context: Context, wanted: ConvCase): Promise<Entry[]> {
  const { quick, threads } = context.settings, kept = quick ? 2 : 7;
  const { net, config } = convNetOf(wanted.net) as { net: ConvNet<ConvNetConfig>; config: ConvNetConfig };
  const schedule = { ...SCHEDULE, layers: net.layers(config) }, shares = new Map<number, number>([[0, 1]]);
  using baseline = await ConvTrainer.create({ ...wanted, frozen: 0 }, threads);
  for (const { firstLive } of netSpans(schedule).filter(({ firstLive }) => firstLive > 0)) {
    context.say(`convnets: ${wanted.name}, ${firstLive} layers frozen`);
    using frozen = await ConvTrainer.create({ ...wanted, frozen: firstLive }, threads);
    const [own, other] = await race(
      [{ name: "frozen", once: () => frozen.once() }, { name: "unfrozen", once: () => baseline.once() }],
      { warmup: 1, kept },
      pauseOf(context),
    );
    const medians = [own, other].map(({ repetitions }) => summarise(repetitions.map(({ seconds }) => seconds)).median);
    shares.set(firstLive, medians[0] / medians[1]);
  }
  const measured = 100 * savingOf(schedule, (firstLive) => shares.get(firstLive)!);
  return [
    ownEntry(`${wanted.name}: saved by FreezeOut`, "%", [measured]),
    ownEntry(`${wanted.name}: saved, as predicted`, "%", [100 * predictSaving(net, config, schedule).multiplyAdds]),
  ];
}
