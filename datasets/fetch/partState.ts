import { z } from "zod";
import { readWhole, writeWhole } from "../../cli/files.ts";

const state = z.strictObject({
  url: z.string(),
  /** What If-Range takes: a strong ETag, or else the time of the last change. */
  validator: z.string(),
  /** Bytes of the whole file, where the server says it. */
  total: z.int().positive().optional(),
});

/** What has to be known of a part in order to go on with it. */
export type PartState = z.infer<typeof state>;

/** Where the state of a part lies. */
const statePath = (part: string) => `${part}.json`;

/** The state of a part; undefined when there is none that can be used. */
export async function readState(part: string): Promise<PartState | undefined> {
  try {
    return state.parse(JSON.parse(new TextDecoder().decode(await readWhole(statePath(part)))));
  } catch {
    return undefined; // the download starts anew
  }
}

/** Keeps the state of a part beside it; a part whose server offers no validator has none. */
export async function keepState(part: string, url: string, headers: Headers, total: number | undefined): Promise<void> {
  const etag = headers.get("etag"), strong = etag?.startsWith('"') ? etag : undefined;
  const validator = strong ?? headers.get("last-modified");
  if (validator === null) return await forgetState(part);
  const value: PartState = { url, validator, ...(total !== undefined && { total }) };
  await writeWhole(statePath(part), JSON.stringify(value));
}

/** Removes the state of a part, if there is one. */
export async function forgetState(part: string): Promise<void> {
  await Deno.remove(statePath(part)).catch(() => {});
}
