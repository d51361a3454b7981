import { z } from "zod";

const kind = z.enum(["pretrain", "finetune"]);
const columns = ["epoch", "lr", "loss", "seconds", "wallSeconds", "top1", "top5"] as const;

/** What a file of reports/authors/runs/ holds: a run, with one line of values per epoch. */
export const authorsRunSchema = z.strictObject({
  run: z.string(),
  kind,
  what: z.string(),
  note: z.string(),
  trainingSeconds: z.number().positive(),
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  columns: z.array(z.enum(columns)),
  epochs: z.array(z.array(z.number())).min(1),
}).superRefine(({ columns, epochs }, context) => {
  epochs.forEach((values, k) => {
    const path = ["epochs", k];
    if (values.length !== columns.length) {
      context.addIssue({ code: "custom", path, message: `${values.length} values, want ${columns.length}` });
    } else if (values[columns.indexOf("epoch")] !== k) {
      context.addIssue({ code: "custom", path, message: `want epoch ${k}` });
    }
  });
});

/** The arguments of a command line as a training log states them. */
export type RunArgs = z.infer<typeof authorsRunSchema>["args"];

/** A released training run, reduced to facts per epoch; entry k of an array is epoch k. */
export interface AuthorsRun {
  /** Its folder in the release, e.g. "ViT_orig/full_pretrain_out_1gpu". */
  run: string;
  kind: z.infer<typeof kind>;
  what: string;
  /** What is odd about it; "" when nothing is. */
  note: string;
  /** The whole run, evaluation included. */
  trainingSeconds: number;
  /** Those arguments of the command that matter. */
  args: RunArgs;
  /** Learning rate of all that does not freeze, at the end of the epoch. */
  lr: number[];
  /** Mean training loss; after a prune, of the stages that are left. */
  loss: number[];
  /** Seconds inside the training steps, waiting for data excluded; empty where the log does not tell (fine-tuning). */
  seconds: number[];
  /** Seconds from the first to the last step, waiting for data included. */
  wallSeconds: number[];
  /** Percent, after the epoch; fine-tuning only. */
  top1?: number[];
  top5?: number[];
}

const note = z.strictObject({
  timed: z.string().optional(),
  trained: z.string().optional(),
  tuned: z.string().optional(),
});

/** What reports/authors/tables.yaml holds; its comments say what the members mean. */
export const authorsTablesSchema = z.strictObject({
  models: z.record(
    z.string(),
    z.strictObject({
      timed: z.string(),
      trained: z.string(),
      tuned: z.string(),
      epochs: z.int().positive().optional(),
      notes: note,
    }),
  ),
  tables: z.array(z.strictObject({
    id: z.string(),
    columns: z.record(z.string(), z.enum(["hoursPerEpoch", "totalHours", "lastLoss", "bestTop1", "top5OfBest"])),
    rows: z.record(z.string(), z.string()),
    notes: z.record(z.string(), note).optional(),
  })),
});

/** Which cells of the published tables the released logs tell. */
export type AuthorsTables = z.infer<typeof authorsTablesSchema>;
/** A statistic of a run by its name in tables.yaml. */
export type StatisticName = AuthorsTables["tables"][number]["columns"][string];
