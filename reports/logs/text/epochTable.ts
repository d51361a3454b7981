import type { Examination } from "../examine.ts";
import type { LogEpoch, ParsedLog } from "../model.ts";
import { columns } from "./layout.ts";
import { lossText } from "./summary.ts";

/** Rows that are shown unless all are wanted, give or take the last. */
const ROWS = 20;

interface Column {
  head: string;
  cell: (epoch: LogEpoch, at: number) => string | null;
}

/** The epochs of a run as a table; columns without a value are left out. */
export function epochTable({ run: { epochs }, form }: ParsedLog, { compared }: Examination, all: boolean): string[] {
  const predicted = typeof compared === "string" ? [] : compared.lr.predicted;
  const rate = (lr: number | null | undefined) => lr?.toFixed(form === "text" ? 6 : 9) ?? null;
  const whole = (seconds: number | null) => seconds?.toFixed(0) ?? null;
  const wanted: Column[] = [
    { head: "epoch", cell: ({ epoch }) => String(epoch) },
    { head: form === "text" ? "LR at end" : "mean LR", cell: ({ lr }) => rate(lr) },
    { head: "scheduled", cell: (_, at) => rate(predicted.at(at)) },
    { head: "loss", cell: ({ lossMean }) => lossText(lossMean) },
    { head: "at end", cell: ({ lossLast }) => lossLast === null ? null : lossText(lossLast) },
    { head: "wall", cell: ({ wallSeconds }) => whole(wallSeconds) },
    { head: "steps", cell: ({ stepSeconds }) => whole(stepSeconds) },
    { head: "data", cell: ({ dataSeconds }) => whole(dataSeconds) },
    { head: "top-1", cell: ({ top1 }) => top1?.toFixed(2) ?? null },
    { head: "top-5", cell: ({ top5 }) => top5?.toFixed(2) ?? null },
  ];
  const shown = wanted.filter(({ cell }) => epochs.some((epoch, at) => cell(epoch, at) !== null));
  const step = all ? 1 : Math.ceil(epochs.length / ROWS);
  const rows = epochs.flatMap((epoch, at) => {
    const listed = at % step === 0 || at === epochs.length - 1 || !Number.isFinite(epoch.lossMean);
    return listed ? [shown.map(({ cell }) => cell(epoch, at) ?? "-")] : [];
  });
  const part = step === 1 ? "all" : `every ${step} and the last; all ${epochs.length} with --all`;
  const title = `Epochs (${part}), times in seconds`;
  return [title, ...columns([shown.map(({ head }) => head), ...rows])];
}
