import { parseFlags } from "../../cli/args.ts";
import { writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { layerPlan } from "../../core/schedules/layerPlan.ts";
import { scheduleFlags, scheduleOf } from "./flags.ts";
import { scheduleTable } from "./table.ts";

/** Prints when each layer freezes and how fast it starts; draws the curves on demand. */
async function main(args: string[]): Promise<void> {
  const { values } = parseFlags(args, "deno task schedule [flags]", scheduleFlags);
  const schedule = scheduleOf(values);
  if (values.svg !== undefined) {
    const { lrCurvesSvg } = await import("../../reports/figures/lrCurves.ts");
    await writeWhole(String(values.svg), lrCurvesSvg(schedule));
  }
  if (values.json) {
    const { layers, stageBlocks, t0, power, scaled, srLr, lrLr, baseLr, epochs, warmupEpochs, form } = schedule;
    const settings = { layers, stageBlocks, t0, power, scaled, srLr, lrLr, baseLr, epochs, warmupEpochs, form };
    console.log(JSON.stringify({ settings, ...layerPlan(schedule) }, null, 2));
  } else {
    console.log(scheduleTable(schedule));
  }
}

if (import.meta.main) await runMain(main);
