import { join } from "node:path";
import fc from "fast-check";
import { planGrid } from "../../../commands/grid/plan.ts";
import { readPlan, writePlan } from "../../../commands/grid/planFile.ts";
import { assertEqual } from "../../assert.ts";
import { type Mutant, mutants, mutate } from "../edits.ts";
import { editJson, type JsonEdit, jsonEdit, jsonText } from "../jsonEdits.ts";
import { fuzzReader } from "../reader.ts";

type Input = { mutant: Mutant } | { edits: JsonEdit[] };

/** The plan of a grid. What is accepted must be written and read back as the same. */
export const plans = fuzzReader("plans", 2, async (folder) => {
  const path = join(folder, "plan.json"),
    plan = planGrid({
      experiment: "thesis.table17",
      profile: "ci",
      rows: ["localmim", "vitfreeze"],
      seeds: 2,
      sets: [["pretrain.epochs", ["5", "6"]], ["freeze.t0", ["0.5", "0.8"]]],
      probes: ["knn"],
      passed: ["--threads", "1"],
    });
  await writePlan(folder, undefined, plan);
  const samples = [await Deno.readFile(path)], value = JSON.parse(new TextDecoder().decode(samples[0]));
  const edits = fc.array(jsonEdit, { maxLength: 2 });
  const inputs: fc.Arbitrary<Input> = fc.oneof(fc.record({ mutant: mutants(1) }), fc.record({ edits }));
  return {
    inputs,
    async read(input: Input) {
      const text = new TextEncoder();
      await Deno.writeFile(
        path,
        "mutant" in input ? mutate(samples, input.mutant) : text.encode(jsonText(editJson(value, input.edits))),
      );
      const { plan, out } = await readPlan(folder);
      await writePlan(folder, out, plan);
      assertEqual((await readPlan(folder)).plan, plan);
    },
  };
});
