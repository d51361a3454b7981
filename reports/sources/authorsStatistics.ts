import { average } from "../judging/statistics.ts";
import type { AuthorsRun, StatisticName } from "./authorsSchema.ts";

/** A number that is read from a run. */
export interface Statistic {
  /** Which of a model's runs tells it. */
  of: "timed" | "trained" | "tuned";
  /** In words, of the first `epochs` epochs. */
  what: (epochs: number) => string;
  value: (run: AuthorsRun, epochs: number) => number;
}

/** Everything that cells of the published tables are read as, by name. */
export const STATISTICS: Record<StatisticName, Statistic> = {
  hoursPerEpoch: {
    of: "timed",
    what: (epochs) => `mean hours inside the steps per epoch, ${epochs} epochs`,
    value: ({ seconds }, epochs) => average(seconds.slice(0, epochs)) / 3600,
  },
  totalHours: {
    of: "timed",
    what: (epochs) => `hours inside the steps, ${epochs} epochs`,
    value: ({ seconds }, epochs) => epochs * average(seconds.slice(0, epochs)) / 3600,
  },
  lastLoss: {
    of: "trained",
    what: (epochs) => `mean loss of epoch ${epochs}, counted from 1`,
    value: ({ loss }, epochs) => loss[epochs - 1],
  },
  bestTop1: { of: "tuned", what: () => "best top-1 of all epochs", value: ({ top1 = [] }) => Math.max(...top1) },
  top5OfBest: {
    of: "tuned",
    what: () => "top-5 of the epoch with the best top-1",
    value: ({ top1 = [], top5 = [] }) => top5[top1.indexOf(Math.max(...top1))],
  },
};
