import { describeFreezing, describeRun } from "../../core/schedules/describe.ts";
import { layerPlan } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";

/** A schedule as two aligned tables: the layers, and the ends of the stages. */
export function scheduleTable(schedule: FreezeSchedule): string {
  const { layers, stages } = layerPlan(schedule);
  const layerRows = layers.map((row) => [
    String(row.layer),
    row.name,
    String(row.stage),
    row.tLinear.toFixed(6),
    row.t.toFixed(6),
    row.factor.toFixed(4),
    rate(row.factor * schedule.baseLr),
    epoch(row.freezeEpoch),
  ]);
  const stageRows = stages.map((row) => [String(row.stage), layers[row.block].name, epoch(row.endEpoch)]);
  return [
    `${schedule.layers} layers, ${describeFreezing(schedule)}; ${describeRun(schedule)}`,
    "",
    align([["layer", "name", "stage", "t linear", "t", "LR factor", "initial LR", "freeze epoch"], ...layerRows]),
    "",
    align([["stage", "fed by", "end epoch"], ...stageRows]),
  ].join("\n");
}

function epoch(value: number | null): string {
  return value === null ? "never" : value.toFixed(2);
}

function rate(value: number): string {
  return value < 0.01 ? value.toExponential(4) : value.toPrecision(5);
}

/** Columns padded to equal width: the second, a name, to the left, all others to the right. */
function align(rows: string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => column === 1 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join("  ")
  ).join("\n");
}
