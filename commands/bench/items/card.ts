import { pretrain } from "../../../experiments/phases.ts";
import { VIT } from "../../../experiments/recipes/vit.ts";
import { type PretrainConfig, pretrainConfigSchema } from "../../../training/config.ts";
import { type Context, type Measured, pauseOf, withPeers } from "../context.ts";
import { besidePeers, rateEntry } from "../entries.ts";
import { MethodTrainer } from "../methodTrainer.ts";
import type { Entry } from "../model.ts";
import { race } from "../race.ts";

/** Precisions of the peer, each in a process of its own. */
const PRECISIONS = ["f32", "tf32", "bf16"];
/** Models that are measured, and the peers' names of them. */
const CASES: readonly { name: string; peer: string; config: PretrainConfig }[] = [
  { name: "ViT-B/16, 224 px", peer: "vit-b", config: configOf("paper") },
  { name: "ViT 96x12, 64 px", peer: "96x12", config: configOf("cifar10") },
];

function configOf(profile: "paper" | "cifar10"): PretrainConfig {
  return pretrainConfigSchema.parse(pretrain({ ...VIT.profiles[profile], seed: 0 }, {}).config);
}

/** Steps of LocalMIM on a graphics card, targets given and AdamW included, beside PyTorch on the same card. */
export async function measureCard(context: Context): Promise<Measured> {
  const entries: Entry[] = [];
  // The small model alone where little time is to be spent.
  for (const each of context.settings.quick ? CASES.slice(1) : CASES) entries.push(...await measureCase(context, each));
  return { entries };
}

async function measureCase(context: Context, { name, peer, config }: typeof CASES[number]): Promise<Entry[]> {
  const { batch, quick } = context.settings, steps = quick ? 1 : 10;
  context.say(`card: ${name}`);
  return await withPeers(context, PRECISIONS.length, async (peers) => {
    using trainer = await MethodTrainer.create(config, 1, batch, context.card);
    const contestants = peers.map((each, k) =>
      each.contestant(`card-${peer}-${PRECISIONS[k]}-${steps}`, PRECISIONS[k])
    );
    const ours = { name: "ours", once: () => trainer.several(steps) };
    const rounds = { warmup: quick ? 1 : 2, kept: quick ? 2 : 7 };
    const [own, ...timed] = await race([ours, ...contestants], rounds, pauseOf(context));
    return besidePeers(timed, (each) => rateEntry(`card: ${name}, batch ${batch}`, own, each, batch * steps));
  });
}
