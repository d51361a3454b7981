import type { ClaimReport, Report } from "../../model.ts";
import { claimGroups } from "../claimGroups.ts";
import { pathName, tablePath } from "../paths.ts";

/*
 * Where things stand on the pages. A page in a folder of its own puts its `root` before a path.
 */

/** What a page puts before a path: "" at the top, "../" one folder down. */
export type Root = "" | "../";

/** Anchor of a printed row on the page of its table. */
export function rowAnchor(key: string): string {
  return `row-${pathName(key)}`;
}

/** Anchor of a claim. */
export function claimAnchor(id: string): string {
  return `claim-${pathName(id)}`;
}

/** Anchor of a scale, on the page of a table and on that of the runs. */
export function scaleAnchor(id: string): string {
  return `scale-${pathName(id)}`;
}

/** Anchor of a figure on the page of figures. */
export function figureAnchor(id: string): string {
  return `figure-${pathName(id)}`;
}

/** Where each claim stands: on the page of its table, or on the page of all claims. */
export function claimPaths(report: Report): Map<string, string> {
  return new Map(
    claimGroups(report).flatMap(({ table, claims }) =>
      claims.map(({ id }: ClaimReport): [string, string] => [
        id,
        `${table === "" ? "claims.html" : tablePath(table, "html")}#${claimAnchor(id)}`,
      ])
    ),
  );
}
