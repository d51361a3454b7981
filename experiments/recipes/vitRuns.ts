import type { MaeConfig } from "../../core/methods/mae/config.ts";
import { finetune, type FreezeOption, type LabelledData, pretrain } from "../phases.ts";
import type { Control, Run } from "../experiment.ts";
import { scratchControl } from "./scratch.ts";
import type { SubsetName, VitSettings } from "./vitSettings.ts";

/** Pre-training in which nothing freezes (null) or layers do as `freezing` says, then fine-tuning. */
export function vitRun(label: string, settings: VitSettings, freezing: FreezeOption | null): Run {
  return { label, phases: [finetune(settings, pretrain(settings, freezing))] };
}

/** Width of a head of MAE's decoder. */
const MAE_HEAD = 32;

/**
 * MAE of the same encoder on the same images, as long and at the same rates. Its decoder is to the encoder as the published one
 * of ViT-B: 8 blocks, two thirds as wide (512 of 768) in heads of 32.
 */
export function maeRun(label: string, settings: VitSettings): Run {
  const { stageBlocks: _blocks, stageScales: _scales, hogBins: _bins, ...encoder } = settings.model;
  const decoderHeads = Math.max(1, Math.round(encoder.embedDim * 2 / 3 / MAE_HEAD));
  const model: MaeConfig = {
    ...encoder,
    ...{
      views: 1,
      viewRule: "independent",
      predRatio: encoder.maskRatio,
      lrRule: "unique",
      pattern: "uniform",
    } as const,
    target: "normPixels",
    decoderDim: decoderHeads * MAE_HEAD,
    decoderDepth: 8,
    decoderHeads,
    visible: null,
  };
  return { label, phases: [pretrain({ ...settings, method: "mae", model }, null)] };
}

/** Label and freezing by printed row. */
export type Frozen = Record<string, [label: string, freezing: FreezeOption]>;

/** A run for each way of freezing, by printed row. */
export function frozenRuns(settings: VitSettings, frozen: Frozen): Record<string, Run> {
  const runs = Object.entries(frozen).map(([row, [label, freezing]]) => [row, vitRun(label, settings, freezing)]);
  return Object.fromEntries(runs);
}

/** The same by the backward pass of the released code, which goes down to a class token that never freezes. */
export function liveControls(settings: VitSettings, frozen: Frozen): Record<string, Control> {
  const released = { ...settings, freeze: { ...settings.freeze, backward: "live", clsToken: "global" } as const };
  const runs = Object.entries(frozenRuns(released, frozen));
  return Object.fromEntries(
    runs.map(([row, { label, phases }]) => [`${row}_live`, { label: `${label}, live`, phases, like: row }]),
  );
}

/**
 * Training from scratch, as long as fine-tuning and as long as all of LocalMIM; LocalMIM that stops where ViTFreeze's time is
 * over, its learning rate at zero.
 *
 * @param baseline the row of LocalMIM
 */
export function lengthControls(settings: VitSettings, baseline: string): Record<string, Control> {
  const { pretrain: { epochs }, finetune: { epochs: fine }, controls: { scratchEpochs, stopEpochs } } = settings;
  return {
    localmim_stopped: {
      ...vitRun(`LocalMIM-HOG of ${stopEpochs} epochs`, longer(settings, { pre: stopEpochs / epochs }), null),
      like: baseline,
    },
    scratch: scratchControl(settings, baseline),
    scratch_long: scratchControl(longer(settings, { fine: scratchEpochs / fine }), baseline),
  };
}

/** The settings with 16 times as long a pre-training, and with what goes with that. */
export function muchLonger(settings: VitSettings): VitSettings {
  const { pretrain, finetune, long } = longer(settings, { pre: 16 });
  return {
    ...settings,
    pretrain: { ...pretrain, ...long?.pretrain },
    finetune: { ...finetune, ...long?.finetune },
  };
}

/** The settings with pre-training and fine-tuning so many times as long, warm-up included; at least an epoch each. */
export function longer(
  settings: VitSettings,
  { pre = 1, fine = 1 }: { pre?: number; fine?: number },
): VitSettings {
  return { ...settings, pretrain: times(settings.pretrain, pre), finetune: times(settings.finetune, fine) };
}

function times<T extends { epochs: number; warmupEpochs: number }>(length: T, factor: number): T {
  const epochs = Math.max(1, Math.round(length.epochs * factor));
  return { ...length, epochs, warmupEpochs: length.warmupEpochs * epochs / length.epochs };
}

/**
 * The settings on one of the thesis's subsets: its classes with as many images each as before, labelled ones too, at the
 * subsets' learning rate, and so many more epochs that the number of steps stays (thesis 4.6.2).
 */
export function onSubset(settings: VitSettings, name: SubsetName): VitSettings {
  const { data, subsets, pretrain } = settings, factor = classes(subsets.in100) / classes(subsets[name]);
  const part = (images: number | null) => images && Math.round(images / factor);
  const own = { ...data, classes: subsets[name], train: part(data.train), test: part(data.test ?? null) };
  const rate = { ...pretrain, baseLr: pretrain.baseLr * subsets.lrFactor };
  const labelled = <T extends { data: LabelledData }>(of: T): T =>
    typeof of.data.train === "number" ? { ...of, data: { train: part(of.data.train) } } : of;
  const { finetune, linear, knn } = settings;
  const phases = { finetune: labelled(finetune), linear: labelled(linear), knn: labelled(knn) };
  return longer({ ...settings, ...phases, data: own, pretrain: rate }, { pre: factor, fine: factor });
}

/** How many classes a subset has: its name says so, e.g. "tiny25". */
function classes(subset: string | number): number {
  return typeof subset === "number" ? subset : Number(/\d+$/.exec(subset)?.[0]);
}
