import { fixed, grouped } from "../../reports/format.ts";
import { digits } from "./format.ts";
import { type SeveralViews, VIEW_PARTS } from "./model.ts";
import type { Titled } from "./ranksFormat.ts";

/** Images of ImageNet-1K's training set: views of an effective epoch. */
const EPOCH = 1_281_167;

/** What a reader has to know of the tables of views, in sentences. */
export const VIEWS_NOTES = [
  `An effective epoch has as many views as ImageNet-1K has images, ${grouped(EPOCH)}.`,
  "Each part is timed by itself on all cores, the rows in turn; a loader beside the model hides load and decode only where " +
  "cores are idle.",
  "masks: masks, patches, and targets that are pixels; decoder: the whole model without its encoder alone.",
  "faster: the time of a single view over that of the row, in the same round; decoded: the same where images lie decoded " +
  "in memory, which is what the best of loaders leaves.",
  "K views are K times as fast as single ones at most, where all of the time goes by images. Two views that are 1.4 times as " +
  "fast tell of 57 % that goes by images, 1.8 times of 89 %; more than 2 times is no saving of equally many views.",
];

/** One table for each set of JPEGs: hours of an effective epoch, by target and views of an image. */
export function viewsTables({ profile, jpegs, rows }: SeveralViews): Titled[] {
  const hours = (seconds: number) => digits(seconds * EPOCH / 3600);
  return jpegs.map(({ name, files, bytes, pixels }) => ({
    title: `Hours of an effective epoch by parts, profile ${profile}, ${name} (${grouped(files)} JPEGs of ${
      digits(bytes / 1000)
    } kB and ${grouped(Math.round(pixels))} pixels), steps of ${rows[0].images * rows[0].views} views`,
    head: ["target", "views", "reads, decodes", ...VIEW_PARTS, "sum", "faster", "decoded"],
    rows: rows.filter((row) => row.jpegs === name).map(({ target, views, parts, whole, faster }) => [
      target,
      String(views),
      grouped(Math.ceil(EPOCH / views)),
      ...VIEW_PARTS.map((part) => hours(parts[part].median)),
      hours(whole.median),
      `${fixed(faster.whole.median, 2)}x`,
      `${fixed(faster.decoded.median, 2)}x`,
    ]),
  }));
}
