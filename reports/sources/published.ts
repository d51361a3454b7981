import type { z } from "zod";
import { UserError } from "../../core/errors.ts";
import {
  type Crosschecks,
  crosschecksSchema,
  type PublishedFigure,
  publishedFigureSchema,
  type PublishedTable,
  publishedTableSchema,
} from "./publishedSchema.ts";
import { yamlFile } from "./yamlFile.ts";

/** Anything published that reports/published/ holds. */
export type Published = PublishedTable | PublishedFigure | Crosschecks;

/**
 * Reads a published table, figure or list of cross-checks.
 *
 * @param id e.g. "thesis.table17", "vitfreeze.figure2", "dmjd.crosschecks"
 * @throws {UserError} when there is none of that name, or its file does not fit the schema
 */
export async function loadPublished(id: string): Promise<Published> {
  const name = id.split(".")[1] ?? "";
  if (name.startsWith("table")) return await loadPublishedTable(id);
  if (name.startsWith("figure")) return await load(id, publishedFigureSchema);
  return await load(id, crosschecksSchema);
}

/** Reads a published table; see `loadPublished`. */
export async function loadPublishedTable(id: string): Promise<PublishedTable> {
  return await load(id, publishedTableSchema);
}

async function load<T extends { id: string }>(id: string, schema: z.ZodType<T>): Promise<T> {
  if (!/^[a-z]+\.[a-z0-9]+$/.test(id)) throw new UserError(`Cannot read published '${id}': want e.g. thesis.table17`);
  const published = await yamlFile(`published/${id.replace(".", "/")}.yaml`, schema);
  if (published.id !== id) {
    throw new UserError(`Cannot read published ${id}: its id is '${published.id}', want '${id}'`);
  }
  return published;
}
