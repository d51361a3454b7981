import { join } from "node:path";
import { z } from "zod";
import { readWhole, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { PLAN } from "./folders.ts";
import { type Plan, planGrid } from "./plan.ts";
import { requestSchema } from "./request.ts";

const planSchema = z.object({
  kind: z.literal("vitfreeze.grid"),
  version: z.literal(2),
  request: requestSchema,
  /** Folder of the results, where it is not the usual one. */
  out: z.string().min(1).optional(),
  cells: z.array(z.object({ name: z.string(), key: z.string() })),
});

/**
 * Writes the plan into the grid's folder; the same plan gives the same bytes.
 *
 * @param out folder of the results, where it is not the usual one
 */
export async function writePlan(grid: string, out: string | undefined, { request, cells }: Plan): Promise<void> {
  const listed = cells.map(({ name, key }) => ({ name, key }));
  await writeWhole(
    join(grid, PLAN),
    canonicalJson({ kind: "vitfreeze.grid", version: 2, out, request, cells: listed }),
  );
}

/**
 * Reads the plan that a grid's folder holds, and makes its cells anew.
 *
 * @throws {UserError} when it is missing or broken, or its cells are others today
 */
export async function readPlan(grid: string): Promise<{ plan: Plan; out?: string }> {
  const path = join(grid, PLAN);
  const parsed = planSchema.safeParse(parseJson(path, new TextDecoder().decode(await readWhole(path))));
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0];
    throw new UserError(`Cannot use plan ${path}: at ${at.join(".") || "the top"}: ${message}`);
  }
  const { request, out, cells } = parsed.data, plan = planGrid(request);
  const moved = plan.cells.find(({ key }, i) => key !== cells[i]?.key);
  if (moved || plan.cells.length !== cells.length) {
    throw new UserError(
      `Cannot use plan ${path}: its phases are others today, for a profile or the experiment has changed; ` +
        "want the whole command, which plans anew",
    );
  }
  return { plan, ...(out !== undefined && { out }) };
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`Cannot use plan ${path}: it is no JSON, want what a grid has written`);
  }
}
