import fc from "fast-check";
import { stringify } from "yaml";
import { authorsRunSchema, authorsTablesSchema } from "../../../reports/sources/authorsSchema.ts";
import { claimRulesSchema } from "../../../reports/sources/claimSchema.ts";
import {
  crosschecksSchema,
  publishedFigureSchema,
  publishedTableSchema,
} from "../../../reports/sources/publishedSchema.ts";
import { parseData } from "../../../reports/sources/yamlFile.ts";
import { mutants, mutate } from "../edits.ts";
import { editJson, jsonEdit } from "../jsonEdits.ts";
import { fuzzReader } from "../reader.ts";

const files = {
  "published/thesis/table17.yaml": publishedTableSchema,
  "published/vitfreeze/figure2.yaml": publishedFigureSchema,
  "published/dmjd/crosschecks.yaml": crosschecksSchema,
  "claims/thesis/table17.yaml": claimRulesSchema,
  "authors/tables.yaml": authorsTablesSchema,
  "authors/runs/ViT_orig__full_pretrain_out_fast.yaml": authorsRunSchema,
};

/** Published data, claims and the author's numbers. What is accepted fits its schema. */
export const yaml = fuzzReader("yaml", 3, async () => {
  const names = Object.keys(files) as (keyof typeof files)[];
  const samples = await Promise.all(
    names.map((name) => Deno.readFile(new URL(`../../../reports/${name}`, import.meta.url))),
  );
  const parse = (sample: number, bytes: Uint8Array) => parseData<unknown>(names[sample], bytes, files[names[sample]]);
  const values = samples.map((bytes, sample) => parse(sample, bytes));
  const edited = fc.record({ sample: fc.nat(values.length - 1), edits: fc.array(jsonEdit, { maxLength: 2 }) });
  return {
    inputs: fc.oneof(fc.record({ mutant: mutants(samples.length) }), fc.record({ edited })),
    read(input) {
      if ("mutant" in input) return parse(input.mutant.sample, mutate(samples, input.mutant));
      const { sample, edits } = input.edited;
      return parse(sample, new TextEncoder().encode(yamlText(editJson(values[sample], edits))));
    },
  };
});

/** YAML of a value; JSON, which is YAML too, where the value is nested too deeply for the writer. */
function yamlText(value: unknown): string {
  try {
    return stringify(value);
  } catch {
    return "[".repeat(5000);
  }
}
