import { type AuthorsLogs, loadAuthors } from "../sources/authors.ts";
import { type Claim, loadClaims } from "../sources/claims.ts";
import { loadPublishedTable } from "../sources/published.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";

/** What Table 17 is compared with. */
export interface Table17Sources {
  published: PublishedTable;
  authors: AuthorsLogs;
  claims: Claim[];
}

/** The row that does not freeze: times and drops are relative to it. */
export const baseline = "localmim";

/** Reads the published Table 17, the author's logs of its rows and its claims. */
export async function loadTable17(): Promise<Table17Sources> {
  const published = await loadPublishedTable("thesis.table17");
  return { published, authors: await loadAuthors("table17"), claims: await loadClaims(published) };
}
