/*
 * Paths relative to the folder of a report. Its pages and its Markdown lie in the same folder.
 */

/** A name that can stand in a path and in an anchor: letters, digits, dots, dashes, underscores. */
export function pathName(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, "-");
}

/** A table as a page, as Markdown or as data. */
export function tablePath(id: string, ending: "html" | "md" | "json"): string {
  return `tables/${pathName(id)}.${ending}`;
}

/** The drawing of a figure: as it stands alone, or without headings for a wide or a narrow page. */
export function svgPath(id: string, form: "" | "wide" | "narrow" = ""): string {
  return `figures/${form === "" ? "" : `${form}/`}${pathName(id)}.svg`;
}

/** The data of a figure. */
export function csvPath(id: string): string {
  return `figures/${pathName(id)}.csv`;
}

/** A path to a record's file as a link needs it. */
export function recordPath(href: string): string {
  return encodeURI(href).replaceAll("#", "%23").replaceAll("?", "%3F");
}
