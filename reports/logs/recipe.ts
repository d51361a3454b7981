import { z } from "zod";
import { checkSchedule } from "../../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { defaultStageBlocks } from "../../core/schedules/stages.ts";
import type { RunArgs } from "../sources/authorsSchema.ts";

/** Powers of the freezing times by ViTFreeze's names for them. */
const POWERS = { linear: 1, squared: 2, cubic: 3 } as const;
/** Blocks of the standard vision transformers by the size in a model's name. */
const DEPTHS: Record<string, number> = { tiny: 12, small: 12, base: 12, large: 24, huge: 32 };

const count = z.int().positive();

const argsSchema = z.object({
  model: z.string().default(""),
  epochs: count,
  warmup_epochs: z.number().min(0),
  batch_size: count,
  accum_iter: count.default(1),
  world_size: count.default(1),
  lr: z.number().positive().nullish(),
  blr: z.number().positive().nullish(),
  min_lr: z.number().min(0).default(0),
  how_scale: z.enum(["linear", "squared", "cubic"]).default("cubic"),
  t_0: z.number().positive().max(1).optional(),
  not_scale_lr: z.boolean().default(false),
  dont_freeze_pe: z.boolean().default(false),
});

/** How a run freezes; the names are those of a schedule. */
export interface Freezing {
  t0: number;
  power: 1 | 2 | 3;
  scaled: boolean;
  /** Whether the patch embedding is layer 0; otherwise block 1 is, and the patch embedding never freezes. */
  patchEmbed: boolean;
}

/** What the arguments of a command mean. */
export interface Recipe {
  program: "ViTFreeze" | "LocalMIM" | "MAE";
  kind: "pretrain" | "finetune";
  model: string;
  /** Blocks of the encoder; null when the model's name does not tell. */
  blocks: number | null;
  epochs: number;
  warmupEpochs: number;
  /** Images of an optimiser step: batch of a process, times accumulated batches, times processes. */
  batch: number;
  accumulated: number;
  processes: number;
  /** Learning rate at the end of warm-up. */
  lr: number;
  minLr: number;
  /** null when nothing freezes. */
  freezing: Freezing | null;
}

/**
 * What the arguments of a command mean: those of LocalMIM's, ViTFreeze's and MAE's pre-training and fine-tuning.
 *
 * @returns the recipe, or in one sentence why there is none
 */
export function readRecipe(args: RunArgs): Recipe | string {
  const parsed = argsSchema.safeParse(args);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0], name = String(path[0]);
    return name in args ? `${name} is ${JSON.stringify(args[name])} (${message})` : `the Namespace has no ${name}`;
  }
  const { model, epochs, warmup_epochs, batch_size, accum_iter, world_size, min_lr } = parsed.data;
  const batch = batch_size * accum_iter * world_size, { blr } = parsed.data;
  const lr = parsed.data.lr ?? (blr ? blr * batch / 256 : undefined);
  if (lr === undefined) return "the Namespace has neither lr nor blr";
  if (warmup_epochs >= epochs) return `all ${epochs} epochs are warm-up`;
  const { t_0, how_scale, not_scale_lr, dont_freeze_pe } = parsed.data;
  const depth = Object.entries(DEPTHS).find(([size]) => model.includes(size));
  return {
    program: programOf(args),
    kind: "nb_classes" in args || "finetune" in args ? "finetune" : "pretrain",
    model,
    blocks: depth ? depth[1] : null,
    epochs,
    warmupEpochs: warmup_epochs,
    batch,
    accumulated: accum_iter,
    processes: world_size,
    lr,
    minLr: min_lr,
    freezing: t_0 === undefined || t_0 === 1
      ? null
      : { t0: t_0, power: POWERS[how_scale], scaled: !not_scale_lr, patchEmbed: !dont_freeze_pe },
  };
}

/** The programs are forks of MAE, told apart by the arguments that each has added. */
function programOf(args: RunArgs): Recipe["program"] {
  if ("t_0" in args || "how_scale" in args) return "ViTFreeze";
  return "hog_nbins" in args || "auto_resume" in args ? "LocalMIM" : "MAE";
}

/**
 * The freezing schedule of a recipe, as the released code runs it but for `form`.
 *
 * @param iterationsPerEpoch batches of an epoch; any number gives the same freezing epochs
 * @returns null when nothing freezes
 * @throws {UserError} when the recipe cannot be run in this form, or the depth of its model is not known
 */
export function recipeSchedule(
  recipe: Recipe,
  iterationsPerEpoch: number,
  form: FreezeSchedule["form"],
): FreezeSchedule | null {
  const { blocks, freezing } = recipe;
  if (!freezing) return null;
  const layers = (blocks ?? NaN) + 1, unfrozen = freezing.patchEmbed ? 0 : 1;
  return checkSchedule({
    layers: layers - unfrozen,
    stageBlocks: defaultStageBlocks(layers).map((block) => block - unfrozen),
    t0: freezing.t0,
    power: freezing.power,
    scaled: freezing.scaled,
    baseLr: recipe.lr,
    minLr: recipe.minLr,
    epochs: recipe.epochs,
    warmupEpochs: recipe.warmupEpochs,
    iterationsPerEpoch,
    form,
    decoders: "block",
    clsToken: "global",
  });
}
