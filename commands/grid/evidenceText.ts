import { type EvidenceGrid, SECONDS_PER_IMAGE, TRAINING_IMAGES } from "../../experiments/evidence.ts";
import type { Phase } from "../../records/phase.ts";
import { textTable } from "./table.ts";

/** How far a grid of the evidence is. */
export interface GridProgress {
  grid: EvidenceGrid;
  /** Phases, and how many of them have a record. */
  records: number;
  done: number;
  /** Core-hours of what is left and in no grid before. */
  hours: number;
}

/** Core-hours that phases take, about: images times epochs times views times what one takes; freezing saves something of it. */
export function hoursLeft(phases: readonly Phase[], { profile }: EvidenceGrid): number {
  const seconds = phases.map(({ kind, data: { train }, config: { epochs, method } }) => {
    const { views = 1 } = (method ?? {}) as { views?: number };
    const images = (train ?? TRAINING_IMAGES) * (typeof epochs === "number" ? epochs : 1);
    return (SECONDS_PER_IMAGE[profile][kind] ?? 0) * images * views;
  });
  return seconds.reduce((sum, each) => sum + each, 0) / 3600;
}

/** What stands in a command for a grid's images. */
export function placeholder({ images }: EvidenceGrid): string {
  return images ? "TINY_IMAGENET" : "CIFAR10";
}

/** The command by which a grid runs alone. */
export function gridCommand(
  grid: EvidenceGrid,
  { run, out }: { run: string; out: string },
): string {
  const { name, experiment, profile, rows, seeds, probes } = grid;
  return [
    `deno task grid ${experiment} --profile ${profile}`,
    `--seeds ${seeds}${probes.length > 0 ? ` --probes ${probes.join(",")}` : ""} --threads 1 --data ${
      placeholder(grid)
    }`,
    `--run ${run} --out ${out} --recorded --name evidence-${name}`,
    ...(rows ? [`--rows ${rows.join(",")}`] : []),
  ].join(" \\\n    ");
}

/** All grids with their commands, records and hours. */
export function evidenceText(all: readonly GridProgress[], folders: { run: string; out: string }): string {
  const table = all.map(({ grid: { name, seeds }, records, done, hours }) => [
    name,
    String(seeds),
    `${done} of ${records}`,
    hours === 0 ? "–" : hours.toFixed(1),
  ]);
  const total = all.reduce((sum, { hours }) => sum + hours, 0);
  return [
    textTable([["grid", "seeds", "records", "core-hours left"], ...table]),
    "",
    `${total.toFixed(1)} core-hours left, about; what several grids need is counted where it comes first.`,
    ...all.flatMap(({ grid }) => ["", `${grid.name}: ${grid.decides}`, `  ${gridCommand(grid, folders)}`]),
  ].join("\n");
}
