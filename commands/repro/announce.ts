import { Document, visit } from "yaml";
import { shortPath } from "../../cli/files.ts";
import { duration } from "../../cli/progress.ts";
import type { EngineInfo } from "../../core/engine/engine.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import { defaultFolder } from "../../records/folder.ts";
import type { RowKey } from "../../records/schema.ts";
import { ownShare } from "../../training/work.ts";
import { ROWS, type Table17Config } from "./config.ts";
import type { Command } from "./flags.ts";
import type { Prediction } from "./predict.ts";
import type { Saved } from "./summary.ts";

/** What is about to run, on what, with every setting. */
export function announcement(
  { profile, config, rows, seeds, accum }: Command,
  dataset: ImageDataset,
  info: EngineInfo,
  ranks: Ranks,
): string {
  const { name, train, test, classes, skipped } = dataset;
  const left = skipped ? `; unreadable images left out: ${skipped}` : "";
  return [
    `Table 17, profile ${profile}: rows ${rows.join(", ")}; seeds ${seeds.join(", ")}`,
    `engine ${info.name}: ${info.backend} ${info.version}, threads: ${info.threads}`,
    `data ${name}: ${train.length} training and ${test.length} test images, ${classes.length} classes${left}`,
    ...(ranks.size > 1 || accum !== undefined ? [sharingText(config, ranks, accum)] : []),
    "",
    configText(config),
  ].join("\n");
}

/** How a step's images are shared, and by which processes. */
function sharingText({ pretrain, finetune }: Table17Config, ranks: Ranks, accum?: number): string {
  const { size, library, processes } = ranks;
  const each = Object.entries({ "pre-training": pretrain, "fine-tuning": finetune }).map(([phase, config]) => {
    const { passes, images } = ownShare(config, { ranks, accum });
    return `${phase} ${size > 1 ? `${size} ranks x ` : ""}${passes} passes x ${images} images a step`;
  });
  const names = processes.map((name, rank) => `  rank ${rank}: ${name}`);
  return [each.join("; "), ...(size > 1 ? [`${library}, ${size} ranks:`, ...names] : [])].join("\n");
}

/** The config as YAML, every list on one line. */
export function configText(config: Table17Config): string {
  const document = new Document(config);
  visit(document, { Seq: (_, list) => void (list.flow = true) });
  return document.toString({ flowCollectionPadding: false });
}

/** What the rows will take. */
export function predictionText({ secondsPerImage, rows }: Prediction, { size }: Ranks): string {
  const labels = Object.keys(rows).map((row) => ROWS[row as RowKey].label);
  const width = Math.max(...labels.map(({ length }) => length));
  const times = Object.values(rows).map((seconds, i) => `  ${labels[i].padEnd(width)}  ${duration(seconds)}`);
  const rate = (seconds: number) => (1 / seconds).toPrecision(3);
  const { pretrain, finetune } = secondsPerImage;
  return [
    `Predicted time on this machine, for each seed (${
      rate(pretrain)
    } images/s in pre-training before anything freezes,`,
    `${rate(finetune)} images/s in fine-tuning; data loading, HOG targets and evaluation not counted${
      size > 1 ? `;\nshared by ${size} ranks, whose exchange is not counted either` : ""
    }):`,
    ...times,
    "",
  ].join("\n");
}

/** What the table's columns mean, where the results are, and what to do with them. */
export function closing({ out }: Command, saved: readonly Saved[]): string {
  const folder = shortPath(out), isDefault = folder === defaultFolder;
  return [
    "s/ep: seconds per epoch of pre-training; ratio: time over LocalMIM's;",
    "drop: how far top-1 is below LocalMIM's. Published is ViT-B on ImageNet-1K: compare the ratios",
    "and the order of the rows, not the values.",
    "",
    `Results: ${saved.map(({ path }) => path).join("\n         ")}`,
    `Beside the published table: deno task report${isDefault ? "" : ` --results ${folder}`}`,
    `Check their hashes:         deno task verify${isDefault ? "" : ` ${folder}`}`,
  ].join("\n");
}
