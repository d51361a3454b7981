import { basename } from "node:path";
import { Document, visit } from "yaml";
import { shortPath } from "../../cli/files.ts";
import { duration } from "../../cli/progress.ts";
import { counted } from "../../core/counted.ts";
import type { EngineInfo } from "../../core/engine/engine.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import { convNetOf } from "../../core/models/convnet/mod.ts";
import { inOrder, type Phase, phaseKey } from "../../records/phase.ts";
import type { Finished } from "../../training/graphWork.ts";
import { phaseFolder } from "../../training/phaseFolder.ts";
import { RUNNERS } from "../../training/phases/mod.ts";
import { ownShare } from "../../training/work.ts";
import type { CifarSettings } from "../../experiments/recipes/cifarSettings.ts";
import type { VitSettings } from "../../experiments/recipes/vitSettings.ts";
import type { Command } from "./flags.ts";
import type { Prediction } from "./predict.ts";
import { kindsOf } from "./summary.ts";

/** Rows and runs that are named one by one; of more their number is told. */
const MOST_ROWS = 24;

/** What is about to run, on what, and where it goes, in a few lines. */
export function announcement(
  { experiment, request: { profile, seeds }, plan: { runs, settings, set }, wanted, accum, folders, predict }: Command,
  datasetOf: (phase: Phase) => ImageDataset,
  info: EngineInfo,
  ranks: Ranks,
): string {
  const rows = [...new Set(runs.map(({ row }) => row))];
  const named = rows.length > MOST_ROWS ? `${rows.length} rows` : `rows ${rows.join(", ")}`;
  return [
    `${experiment.id}, profile ${profile}: ${named}; seeds ${seeds.join(", ")}`,
    `${counted(wanted.length, "phase")}: ${kindsOf(wanted)}`,
    `engine ${info.name}: ${info.backend} ${info.version}, threads: ${info.threads}`,
    ...dataLines(wanted.map(datasetOf)),
    ...settingLines(settings, wanted),
    ...(ranks.size > 1 || accum !== undefined ? [sharingText(wanted, ranks, accum)] : []),
    ...(set.length > 0 ? [`changed: ${set.join(" ")}`] : []),
    ...(predict ? [] : [`records go to ${shortPath(folders.out)}, weights to ${shortPath(folders.root)}`]),
    "",
  ].join("\n");
}

/** What of the settings tells a run from another one at a glance. */
function settingLines(settings: object, wanted: readonly Phase[]): string[] {
  if ("net" in settings) return netLines(settings as CifarSettings);
  const { model, pretrain, finetune, freeze, method } = settings as Partial<VitSettings>;
  const methods = new Set(wanted.flatMap(({ config }) => (config.method as { name: string } | undefined)?.name ?? []));
  const epochs = [
    ...(pretrain ? [`${pretrain.epochs} epochs of pre-training`] : []),
    ...(finetune ? [`${finetune.epochs} of fine-tuning`] : []),
  ];
  return [
    ...(model
      ? [
        `model ViT ${model.embedDim}x${model.depth}, images of ${model.imageSize} pixels, ${
          methodText([...methods], method)
        }`,
      ]
      : []),
    ...(epochs.length > 0 ? [`training ${epochs.join(", ")}; all settings: --config`] : []),
    ...(freeze && wanted.some(({ config }) => config.freeze)
      ? [`freezing t0 ${freeze.t0}, power ${freeze.power}, backward ${freeze.backward}`]
      : []),
  ];
}

/** The methods of the wanted pre-trainings; the settings' one where there is no pre-training. */
function methodText(found: readonly string[], method: string | undefined): string {
  return found.length > 1 ? `methods ${found.join(", ")}` : `method ${found[0] ?? method}`;
}

/** The same of the tables on convolutional networks. */
function netLines({ net, train, freeze, rates, length }: CifarSettings): string[] {
  const { net: family, config } = convNetOf({ ...net, numClasses: 1 });
  return [
    `network ${family.title(config)}; ${train.epochs} epochs, ${train.validation} images held out`,
    `freezing t0 ${freeze.t0}, power ${freeze.power}, length ${length}; rates ${rates}; all settings: --config`,
  ];
}

/** Each choice of images once. */
function dataLines(datasets: readonly ImageDataset[]): string[] {
  return [
    ...new Set(datasets.map(({ name, train, test, classes, skipped }) => {
      const left = skipped ? `; unreadable images left out: ${skipped}` : "";
      const images = `${train.length} training ${test.length > 0 ? `and ${test.length} test ` : ""}images`;
      return `data ${name}: ${images}, ${counted(classes.length, "class", "classes")}${left}`;
    })),
  ];
}

/** How a step's images are shared, and by which processes. */
function sharingText(wanted: readonly Phase[], ranks: Ranks, accum?: number): string {
  const { size, library, processes } = ranks;
  const each = wanted.flatMap(({ kind, config }) => {
    const batch = RUNNERS[kind].batch(config);
    if (!batch) return [];
    const { passes, images } = ownShare(batch, { ranks, accum });
    return [`${RUNNERS[kind].name} ${size > 1 ? `${size} ranks x ` : ""}${passes} passes x ${images} images a step`];
  });
  const names = processes.map((name, rank) => `  rank ${rank}: ${name}`);
  return [[...new Set(each)].join("; "), ...(size > 1 ? [`${library}, ${size} ranks:`, ...names] : [])].join("\n");
}

/** Settings as YAML, every list on one line. */
export function configText(settings: object): string {
  const document = new Document(settings);
  visit(document, { Seq: (_, list) => void (list.flow = true) });
  return document.toString({ flowCollectionPadding: false });
}

/** What the rows will take. */
export function predictionText(
  { plan: { runs }, wanted }: Command,
  { secondsPerImage, rows, total }: Prediction,
  { size }: Ranks,
): string {
  const label = (row: string) => runs.find((run) => run.row === row)!.label, labels = Object.keys(rows).map(label);
  const width = Math.max(...labels.map(({ length }) => length));
  const times = Object.values(rows).map((seconds, i) => `  ${labels[i].padEnd(width)}  ${duration(seconds)}`);
  const rate = (seconds: number | undefined) => seconds === undefined ? "-" : (1 / seconds).toPrecision(3);
  const { pretrain, finetune, train } = secondsPerImage;
  const rates = train === undefined
    ? [
      `${rate(pretrain)} images/s in pre-training before anything freezes,`,
      `${rate(finetune)} images/s in fine-tuning;`,
    ]
    : [`${rate(train)} images/s`, "before anything freezes;"];
  return [
    `Predicted time on this machine, for each seed (${rates[0]}`,
    `${rates[1]} data loading, targets, evaluation and probes not counted${
      size > 1 ? `;\nshared by ${size} ranks, whose exchange is not counted either` : ""
    }):`,
    ...times,
    `all ${counted(wanted.length, "phase")}, each once: ${duration(total)}`,
    "",
  ].join("\n");
}

/** The folders of phases that leave weights, and of those that they rest on, as far as they were finished. */
function folders(phases: readonly Phase[], keys: ReadonlySet<string>): string {
  const trained = inOrder(phases).filter((phase) => phase.kind !== "knn" && keys.has(phaseKey(phase)));
  return trained.map((phase) => basename(phaseFolder("", phase))).join(", ");
}

/**
 * What the tables' columns mean, what was trained and what was there, where records are, and what to do with them.
 *
 * @param tables as printed above
 * @param published model and data of the print: "ViT-B on ImageNet-1K"
 */
export function closing(
  { folders: { out, root }, plan: { runs } }: Command,
  finished: readonly Finished[],
  tables: string,
  published: string,
): string {
  const folder = shortPath(out);
  const taken = finished.filter((one) => one.taken).length;
  const keys = new Set(finished.map(({ record }) => record.key)), count = finished.length - taken;
  const told = runs.map(({ label, seed, phases }) => ({ label, seed, names: folders(phases, keys) }))
    .filter(({ names }) => names !== "");
  const there = taken === 0 ? "" : `, ${taken} ${taken === 1 ? "was" : "were"} finished before`;
  return [
    ...(tables.includes("s/ep") ? ["s/ep: seconds per epoch of pre-training; ratio: time over the baseline's."] : []),
    ...(/ whole\b/.test(tables) ? ["whole: the ratio with the making of new steps, where layers froze, in both."] : []),
    ...(tables.includes("drop") ? ["drop: how far top-1 is below the baseline's."] : []),
    `Published is ${published}: compare ratios, drops and the order of rows, not values.`,
    "",
    `${counted(count, "phase was", "phases were")} run${there}; records are in ${folder}, weights in ${
      shortPath(root)
    }:`,
    ...told.slice(0, MOST_ROWS).map(({ label, seed, names }) => `  ${label}, seed ${seed}: ${names}`),
    ...(told.length > MOST_ROWS ? [`  … and ${told.length - MOST_ROWS} more runs`] : []),
    `Beside the published table: deno task report --results ${folder}`,
    `Check their hashes:         deno task verify ${folder}`,
  ].join("\n");
}
