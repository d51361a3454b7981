import fc from "fast-check";
import { parseCommand as parseBench } from "../../../commands/bench/flags.ts";
import { parseFlags } from "../../../cli/args.ts";
import { layerPlan } from "../../../core/schedules/layerPlan.ts";
import { costFlags, requestOf } from "../../../commands/cost/flags.ts";
import { costReport } from "../../../commands/cost/report.ts";
import { scheduleFlags, scheduleOf } from "../../../commands/schedule/flags.ts";
import { parseCommand } from "../../../commands/repro/flags.ts";
import { parseGrid } from "../../../commands/grid/flags.ts";
import { planGrid } from "../../../commands/grid/plan.ts";
import { parseCommand as parseVisualize } from "../../../commands/visualize/flags.ts";
import { assertEqual, assertTrue } from "../../assert.ts";
import { fuzzReader } from "../reader.ts";
import { commandLines } from "../words.ts";

/** What each command does with its words before it reads a file or trains. */
const COMMANDS: Record<string, (words: string[]) => unknown> = {
  table17(words) {
    const command = parseCommand(["thesis.table17", ...words])!, { plan, wanted, threads } = command;
    assertEqual(JSON.parse(JSON.stringify(plan.settings)), plan.settings);
    assertTrue(plan.runs.length > 0 && wanted.length > 0 && (threads ?? 1) > 0, "a command that would do nothing");
  },
  schedule: (words) => layerPlan(scheduleOf(parseFlags(words, "usage", scheduleFlags).values)),
  cost: (words) => costReport(requestOf(parseFlags(words, "usage", costFlags).values)),
  bench: (words) => parseBench(words),
  visualize: (words) => parseVisualize(words),
  grid(words) {
    const { request } = parseGrid(words);
    if (request) assertTrue(planGrid(request).cells.length > 0, "a grid without cells");
  },
};

const RUNS = "profile set set set rows seeds engine threads backend data classes out run resume";
const words: Record<string, fc.Arbitrary<string[]>> = {
  table17: commandLines(`${RUNS} probes phase seed every keep`, "json predict skip-bad fresh wait any-code"),
  schedule: commandLines("layers t0 power sr-lr lr-lr epochs warmup form stages base-lr", "unscaled json"),
  cost: commandLines(
    "model t0 power epochs warmup form images device batch accumulation backward heads nodes network",
    "json",
  ),
  bench: commandLines("only threads batch json svg from peer-python", "quick"),
  visualize: commandLines("data split images count seed epoch style panel to engine threads", "procedural raw", [
    "run",
  ]),
  grid: commandLines(`${RUNS} probes name jobs time mem cpus`, "slurm dry-run status collect csv", ["table17"]),
};

/** Command lines. What is accepted must be a config that JSON can hold, a schedule, a cost or a plan that can be listed. */
export const commands = fuzzReader("commands", 6, () => ({
  inputs: fc.oneof(
    ...Object.entries(words).map(([command, lines]) => fc.record({ command: fc.constant(command), words: lines })),
  ),
  read: ({ command, words }) => COMMANDS[command](words),
}));
