import type { DrawnImage } from "./numbers.ts";
import { stageError } from "./stageError.ts";

/** The errors of all images as a table: for each stage the MSE of masked and of visible cells. */
export function errorTable(images: readonly DrawnImage[]): string {
  const shown = (value: number | null | undefined) => (value?.toFixed(4) ?? "-").padStart(8);
  const label = Math.max(5, ...images.map(({ label }) => label.length));
  const stages = images[0].stages.map(({ stage }) => `  ${`stage ${stage + 1}`.padStart(8)} ${"visible".padStart(8)}`);
  const head = `${"image".padStart(6)}  ${"class".padEnd(label)}${stages.join("")}`;
  const rows = images.map(({ index, label: name, stages }) => {
    const cells = stages.map((stage) => {
      const error = stageError(stage, "mean");
      return `  ${shown(error?.masked)} ${shown(error?.visible)}`;
    });
    return `${String(index).padStart(6)}  ${name.padEnd(label)}${cells.join("")}`;
  });
  return ["MSE of masked cells by stage, and of visible ones (which training never looks at):", head, ...rows].join(
    "\n",
  );
}
