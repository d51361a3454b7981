import { z } from "zod";
import { yamlFile } from "./yamlFile.ts";

const pretrain = z.strictObject({ run: z.string(), epochs: z.int(), gpu_hours: z.number() });

const finetune = z.strictObject({
  run: z.string(),
  epochs: z.int(),
  top1_best: z.number(),
  top1_last: z.number(),
  top5_last: z.number(),
});

const authorsSchema = z.strictObject({
  id: z.string(),
  rows: z.array(z.strictObject({
    key: z.string(),
    pretrain: pretrain.nullable(),
    finetune: finetune.nullable(),
    note: z.string(),
  })),
});

/** What the author's released logs say about the rows of one table. */
export type AuthorsLogs = z.infer<typeof authorsSchema>;

/** Reads reports/authors/<table>.yaml. */
export async function loadAuthors(table: string): Promise<AuthorsLogs> {
  return await yamlFile(`authors/${table}.yaml`, authorsSchema);
}
