import type { MethodView } from "../../core/methods/view.ts";
import type { DrawnImage } from "./numbers.ts";
import { stageError } from "./stageError.ts";

/** The errors of all images as a table: for each stage or view the MSE of masked and of visible cells, or the share of wrong words. */
export function errorTable(images: readonly DrawnImage[], learned: MethodView["learned"]): string {
  const shown = (value: number | null | undefined) => (value?.toFixed(4) ?? "-").padStart(8);
  const label = Math.max(5, ...images.map(({ label }) => label.length));
  const views = new Set(images[0].stages.map(({ view }) => view)).size;
  const stages = images[0].stages.map(({ stage, view }) => {
    const name = views > 1 ? `view ${view + 1}` : `stage ${stage + 1}`;
    return `  ${name.padStart(8)} ${"visible".padStart(8)}`;
  });
  const head = `${"image".padStart(6)}  ${"class".padEnd(label)}${stages.join("")}`;
  const rows = images.map(({ index, label: name, stages }) => {
    const cells = stages.map((stage) => {
      const error = stageError(stage, "mean");
      return `  ${shown(error?.masked)} ${shown(error?.visible)}`;
    });
    return `${String(index).padStart(6)}  ${name.padEnd(label)}${cells.join("")}`;
  });
  const visible = learned === "all" ? "which have a loss of their own" : "which training never looks at";
  const what = {
    squared: "MSE of masked cells",
    absolute: "Mean distance of masked cells",
    wrong: "Wrong words, share of masked patches",
  };
  return [
    `${what[images[0].stages[0].measure]} by ${views > 1 ? "view" : "stage"}, and of visible ones (${visible}):`,
    head,
    ...rows,
  ]
    .join("\n");
}
