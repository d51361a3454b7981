import { join } from "node:path";
import { exists, readWhole, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { type Plan, planGrid, requestSchema } from "./plan.ts";
import { z } from "zod";

const NAME = "plan.json";
const planSchema = z.object({
  kind: z.literal("vitfreeze.grid"),
  version: z.literal(1),
  request: requestSchema,
  /** Folder of the results, where it is not the usual one inside the grid's. */
  out: z.string().min(1).optional(),
  cells: z.array(z.object({ name: z.string() })),
});

/**
 * Writes the plan into the grid's folder; the same plan gives the same bytes.
 *
 * @param out folder of the results, where it is not the usual one
 */
export async function writePlan(run: string, out: string | undefined, plan: Plan): Promise<void> {
  await writeWhole(join(run, NAME), canonicalJson({ kind: "vitfreeze.grid", version: 1, out, ...plan }));
}

/**
 * Reads the plan that a grid's folder holds, and makes its cells anew.
 *
 * @throws {UserError} when there is none, it is broken, or its cells are others today
 */
export async function readPlan(run: string): Promise<{ plan: Plan; out?: string }> {
  const path = join(run, NAME);
  if (!await exists(path)) {
    throw new UserError(`Cannot use grid folder ${run}: it holds no ${NAME}, want a grid's folder`);
  }
  const parsed = planSchema.safeParse(parseJson(path, new TextDecoder().decode(await readWhole(path))));
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0];
    throw new UserError(`Cannot use plan ${path}: at ${at.join(".") || "the top"}: ${message}`);
  }
  const { request, out, cells } = parsed.data, plan = planGrid(request);
  const moved = plan.cells.find(({ name }, i) => name !== cells[i]?.name);
  if (moved || plan.cells.length !== cells.length) {
    throw new UserError(
      `Cannot use plan ${path}: a profile has changed since; want the whole command, which plans anew`,
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
