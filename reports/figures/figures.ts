import { UserError } from "../../core/errors.ts";
import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import type { FigureReport } from "../model.ts";
import type { AuthorsRun, LoggedCell } from "../sources/authors.ts";
import type { SeedBand } from "../sources/claimSchema.ts";
import type { PublishedFigure, PublishedTable } from "../sources/publishedSchema.ts";
import type { MeasuredTable } from "../tables/measured.ts";
import { twinsOf } from "./coverage.ts";
import { errorCurvesFigure } from "./errorCurves.ts";
import { datasetSizeFigure } from "./datasetSize.ts";
import { depthFigure, targetsFigure } from "./dmjdEndPoints.ts";
import { dmjdHoursFigure } from "./dmjdHours.ts";
import { epochTimeFigure } from "./epochTime.ts";
import { loggedTimes } from "./frozenTimes.ts";
import { heatMapFigure, PAIRS } from "./heatMap.ts";
import { loggedLossFigure } from "./loggedLoss.ts";
import { byRow, type OwnScale, ownScale, withTop1 } from "./ownRuns.ts";
import { paretoOursFigure } from "./paretoOurs.ts";
import { paretoPublishedFigure } from "./paretoPublished.ts";
import { publishedLrFigure } from "./publishedLr.ts";
import { publishedSchedule } from "./publishedSchedule.ts";
import { runCurvesFigure } from "./runCurves.ts";
import { measuredStudy, publishedStudy, STUDY_TABLE, wholeSets } from "./study.ts";
import { timelineFigure } from "./timeline.ts";
import { trainingLengthFigure } from "./trainingLength.ts";

/** All that the figures are drawn from. */
export interface FigureInput {
  /** Published tables by id: those of the thesis and of DMJD that figures rest on. */
  tables: Map<string, PublishedTable>;
  /** Published figures by id. */
  figures: Map<string, PublishedFigure>;
  authors: AuthorsRun[];
  authorsCells: LoggedCell[];
  /** What was measured of the tables; of a table's scales the largest first. */
  measured: readonly MeasuredTable[];
  /** How far reruns of one model scatter. */
  seedBand: SeedBand;
  /** The published model, ViT-B, for the cost model. */
  model: LocalMimConfig;
}

/**
 * Draws every figure: first what the runs and logs say, then the papers' figures that can be computed or rebuilt from
 * tables. Figures of our runs are left out where there are none.
 *
 * @throws {UserError} when a table or figure that is drawn is not in the input
 */
export function drawFigures(input: FigureInput): FigureReport[] {
  return [...costFigures(input), ...thesisFigures(input), ...dmjdFigures(input)];
}

function costFigures(input: FigureInput): FigureReport[] {
  const { authors, authorsCells, model } = input;
  const table17 = table(input, "thesis.table17");
  const scales = ofTable(input, table17.id).map((own) => ownScale(own)).filter(({ runs }) => runs.length > 0);
  const finished = ofTable(input, table17.id).map((own) => ownScale(own, true));
  const rows = (scale: OwnScale) => byRow(withTop1(scale)).length;
  // A row alone is drawn only where no scale has two to compare.
  const fewest = finished.some((scale) => rows(scale) > 1) ? 2 : 1,
    costs = finished.filter((scale) => rows(scale) >= fewest);
  const schedule = releasedSchedule(input);
  const loss = loggedLossFigure(table(input, "thesis.table18"), schedule, authors, authorsCells);
  return [
    paretoPublishedFigure(table(input, "thesis.table11"), table17, authorsCells, input.seedBand),
    ...(costs.length === 0 ? [] : [paretoOursFigure(table17.id, costs)]),
    epochTimeFigure(table17.id, model, releasedTimes(input), scales),
    ...(loss ? [loss] : []),
    ...scales.map((scale) => runCurvesFigure(table17.id, scale)),
    ...ofTable(input, "thesis.table10").flatMap((own) => errorCurvesFigure(own) ?? []),
  ];
}

function thesisFigures(input: FigureInput): FigureReport[] {
  const figures = [...input.figures.values()];
  const twins = (id: string) => twinsOf(figure(input, id), figures);
  const published = publishedStudy(table(input, STUDY_TABLE));
  const ours = ofTable(input, STUDY_TABLE).slice(0, 1).map(measuredStudy);
  const studies = [published, ...ours].filter(({ cells }) => cells.length > 0);
  const whole = [published, ...ours.map((study) => wholeSets(study, published))].filter(({ cells }) =>
    cells.length > 0
  );
  const lr = (id: string) => publishedLrFigure(figure(input, id), twins(id));
  return [
    timelineFigure(figure(input, "thesis.figure01"), releasedSchedule(input), twins("thesis.figure01")),
    lr("thesis.figure02"),
    lr("thesis.figure03"),
    datasetSizeFigure(figure(input, "thesis.figure04"), whole),
    trainingLengthFigure(figure(input, "thesis.figure05"), whole, "fine"),
    trainingLengthFigure(figure(input, "thesis.figure06"), whole, "pre"),
    ...Object.keys(PAIRS).map((id) => heatMapFigure(figure(input, id), studies)),
  ];
}

/** Times of the epochs of ViTFreeze's log by number of frozen layers; none where there is no log. */
export function releasedTimes(input: Pick<FigureInput, "tables" | "figures" | "authors" | "authorsCells">) {
  const timed = input.authorsCells.find((cell) =>
    cell.table === "thesis.table17" && cell.row === "vitfreeze" && cell.column === "gpu_hours"
  );
  const log = input.authors.find(({ run }) => run === timed?.run);
  return log ? loggedTimes(log, releasedSchedule(input)) : [];
}

function dmjdFigures(input: FigureInput): FigureReport[] {
  return [
    targetsFigure(table(input, "dmjd.table4")),
    depthFigure(table(input, "dmjd.table5")),
    dmjdHoursFigure(table(input, "dmjd.table3"), "dm"),
    dmjdHoursFigure(table(input, "dmjd.table6"), "dmjd"),
  ];
}

/** The schedule of the published runs: figure 3's over the epochs of Table 17, counted as the released code counts. */
function releasedSchedule(input: Pick<FigureInput, "tables" | "figures">) {
  const epochs = Number(table(input, "thesis.table17").recipe.pretrain_epochs);
  return publishedSchedule(figure(input, "thesis.figure03"), epochs, "code");
}

/** What was measured of a table, by scale. */
function ofTable({ measured }: FigureInput, id: string): MeasuredTable[] {
  return measured.filter(({ table }) => table.id === id);
}

function table({ tables }: Pick<FigureInput, "tables">, id: string): PublishedTable {
  return needed(tables, id);
}

function figure({ figures }: Pick<FigureInput, "figures">, id: string): PublishedFigure {
  return needed(figures, id);
}

function needed<T>(all: Map<string, T>, id: string): T {
  const found = all.get(id);
  if (found === undefined) throw new UserError(`Cannot draw the figures: ${id} is not among the data, want it`);
  return found;
}
