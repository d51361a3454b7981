import * as Plot from "@observablehq/plot";
import type { FigureReport } from "../model.ts";
import { fixed } from "../format.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import { endLabels } from "./labels.ts";
import { printedName } from "./names.ts";
import { niceDomain } from "./niceDomain.ts";
import { LOOKS, MARGIN } from "./theme.ts";

const FIGURE = "dmjd.figure6";

/** The end points of panel b of DMJD's figure 6, accuracy by learning target, from Table IV. */
export function targetsFigure(table: PublishedTable): FigureReport {
  const rows = table.rows.map(({ key, label, values }) => ({ key, label, top1: Number(values.ft) }));
  const caption = `End points of panel b, from ${printedName(table.id)}: fine-tuning top-1 after ` +
    `${table.recipe.pretrain_epochs} epochs of pre-training. The curves are not in the text.`;
  const [low, high] = niceDomain(rows.map(({ top1 }) => top1));
  return figureReport({
    id: "dmjd-figure6b",
    title: `Panel b, end points. ${table.title}`,
    caption,
    reading: "",
    of: FIGURE,
    tables: [table.id],
    draw: ({ width, narrow }) => ({
      panels: [{
        left: 0,
        top: 0,
        options: {
          width,
          height: 56 + (narrow ? 46 : 34) * rows.length,
          marginLeft: narrow ? 24 : 220,
          marginRight: narrow ? 24 : 70,
          marginTop: 8,
          marginBottom: 46,
          x: {
            domain: [low, high],
            label: "fine-tuning top-1, %",
            labelAnchor: "center",
            labelArrow: "none",
            grid: true,
          },
          y: {
            domain: rows.map(({ label }) => label),
            label: null,
            tickSize: 0,
            ...(narrow && { axis: null, inset: 8 }),
          },
          marks: [
            Plot.dot(rows, { x: "top1", y: "label", r: 5, fill: LOOKS[1].colour }),
            Plot.text(rows, { x: "top1", y: "label", dx: 10, textAnchor: "start", text: ({ top1 }) => fixed(top1, 1) }),
            narrow ? Plot.text(rows, { frameAnchor: "left", y: "label", dy: -18, dx: 4, text: "label" }) : null,
          ],
        },
      }],
    }),
    csv: csvText(["row", "target", "top1"], rows.map(({ key, label, top1 }) => [key, label, top1])),
  });
}

/** The end points of panel c of DMJD's figure 6, linear probing by decoder depth and projector, from Table V. */
export function depthFigure(table: PublishedTable): FigureReport {
  const rows = table.rows.map(({ key, values }) => ({
    key,
    depth: Number(values.decoder_depth),
    projector: values.projector === null
      ? "no visible distillation"
      : `${String(values.projector).toLowerCase()} projector`,
    top1: Number(values.lp),
  }));
  const caption = `End points of panel c, from ${printedName(table.id)}: linear-probing top-1 after ` +
    `${table.recipe.pretrain_epochs} epochs of pre-training. The curves are not in the text.`;
  const projectors = [...Map.groupBy(rows, ({ projector }) => projector)];
  const domain = niceDomain(rows.map(({ top1 }) => top1)), height = 340, marginTop = 34, marginBottom = 46;
  const ends = projectors.map(([projector, group]) => ({ ...group.at(-1)!, projector }));
  return figureReport({
    id: "dmjd-figure6c",
    title: `Panel c, end points. ${table.title}`,
    caption,
    reading: "",
    of: FIGURE,
    tables: [table.id],
    draw: ({ width, narrow }) => ({
      ...(narrow &&
        {
          legend: projectors.map(([label], k) => ({
            label,
            look: { ...LOOKS[k], dash: undefined },
            kind: "both" as const,
          })),
        }),
      panels: [{
        left: 0,
        top: 0,
        options: {
          width,
          height,
          marginLeft: 48,
          marginRight: narrow ? 44 : 190,
          marginTop,
          marginBottom,
          x: { domain: [1, 8.4], axis: null },
          y: {
            domain,
            label: "linear probing top-1, %",
            labelArrow: "none",
            labelOffset: 48 - MARGIN,
            grid: true,
            ticks: 6,
          },
          marks: [
            Plot.axisX([...new Set(rows.map(({ depth }) => depth))], {
              label: "decoder depth, blocks",
              labelAnchor: "center",
              labelArrow: "none",
            }),
            ...projectors.flatMap(([, group], k) => [
              Plot.line(group, { x: "depth", y: "top1", stroke: LOOKS[k].colour, strokeWidth: 2 }),
              Plot.dot(group, { x: "depth", y: "top1", r: 5, symbol: LOOKS[k].symbol, fill: LOOKS[k].colour }),
            ]),
            ...[...Map.groupBy(ends, ({ depth }) => depth).values()].flatMap((group) =>
              endLabels(
                group.map(({ depth, top1, projector }) => ({
                  x: depth,
                  y: top1,
                  text: `${narrow ? "" : `${projector}: `}${fixed(top1, 1)}`,
                })),
                { domain, height: height - marginTop - marginBottom },
              )
            ),
          ],
        },
      }],
    }),
    csv: csvText(
      ["row", "decoder_depth", "projector", "linear_probing_top1"],
      rows.map(({ key, depth, projector, top1 }) => [key, depth, projector, top1]),
    ),
  });
}
