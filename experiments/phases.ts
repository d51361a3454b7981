import { METHODS } from "../core/methods/mod.ts";
import type { VitConfig } from "../core/models/config.ts";
import type { DataConfig, Phase } from "../records/phase.ts";
import type { FinetuneConfig, Freezing, KnnConfig, LinearConfig, PretrainConfig } from "../training/config.ts";
import type { Settings } from "./experiment.ts";

/** What a run varies of freezing. */
export type FreezeOption = Partial<Freezing> & { scaled?: boolean; srLr?: number; lrLr?: number };

/** Labelled images of a phase: so many of the settings' training images; "same": as many as pre-training sees. */
export interface LabelledData {
  /** A number of images; "same": as many as pre-training sees; null: all. */
  train: number | null | "same";
}

/** Settings of a model: the method that pre-trains it, and its shape with the method's own keys. */
export interface ModelSettings extends Settings {
  /** Name of the method that pre-trains. */
  method: string;
  /** Shape of the encoder, with the method's own keys. */
  model: VitConfig;
}

/** Settings of pre-training in which nothing freezes. */
export interface UnfrozenSettings extends ModelSettings {
  /** Length, batch and rates of pre-training. */
  pretrain: Omit<PretrainConfig, "method" | "freeze">;
}

/** Settings of pre-training. */
export interface PretrainSettings extends UnfrozenSettings {
  /** How layers freeze where a run does not say otherwise. */
  freeze: Freezing;
}

/** Settings of fine-tuning. */
export interface FinetuneSettings extends ModelSettings {
  /** Fine-tuning, and its images. */
  finetune: Omit<FinetuneConfig, "model"> & { data: LabelledData };
}

/** Settings of probes of a frozen encoder. */
export interface ProbeSettings extends ModelSettings {
  /** The linear probe, and its images. */
  linear: Omit<LinearConfig, "model"> & { data: LabelledData };
  /** The k-NN probe, and its images. */
  knn: Omit<KnnConfig, "model"> & { data: LabelledData };
}

/** Pre-training in which nothing freezes; no setting of freezing is in the phase. */
export function pretrain(settings: UnfrozenSettings, freezing: null): Phase<"pretrain">;
/**
 * Pre-training in which layers may freeze; with null nothing does. A t0 of 1 freezes nothing either, so it makes the same phase;
 * with a power beside it, it makes one that is refused.
 */
export function pretrain(settings: PretrainSettings, freezing: FreezeOption | null): Phase<"pretrain">;
export function pretrain(settings: UnfrozenSettings, freezing: FreezeOption | null): Phase<"pretrain"> {
  const { seed, data: { source, classes, train }, model, pretrain } = settings;
  const method = { name: settings.method, ...model };
  const freeze = freezing && frozenBy((settings as PretrainSettings).freeze, freezing);
  return { kind: "pretrain", seed, data: { source, classes, train }, config: { ...pretrain, method, freeze } };
}

/** The phase's freezing; null where none follows from a t0 of 1. */
function frozenBy(freeze: Freezing, option: FreezeOption): PretrainConfig["freeze"] {
  const { srLr, lrLr, ...rest } = { ...freezingOf(freeze), scaled: true, ...option };
  const powers = { ...(srLr !== undefined && { srLr }), ...(lrLr !== undefined && { lrLr }) };
  return rest.t0 === 1 && Object.keys(powers).length === 0 ? null : { ...rest, ...powers };
}

/** What the phase is told of the settings' freezing; a recipe may keep more there, which changes no phase by itself. */
function freezingOf({ t0, power, form, decoders, clsToken, backward }: Freezing): Freezing {
  return { t0, power, form, decoders, clsToken, backward };
}

/**
 * Fine-tuning of what a phase has left.
 *
 * @param from the pre-training; null: from scratch
 * @param epochs of it after which it is taken over; all unless given
 */
export function finetune(
  settings: FinetuneSettings,
  from: Phase | null,
  epochs?: number,
): Phase<"finetune"> {
  const { data, ...config } = settings.finetune;
  return after("finetune", settings, { data, config }, from, epochs);
}

/** A linear classifier on the frozen features of what a phase has left; null: of random weights. */
export function linear(settings: ProbeSettings, from: Phase | null, epochs?: number): Phase<"linear"> {
  const { data, ...config } = settings.linear;
  return after("linear", settings, { data, config }, from, epochs);
}

/** The votes of the nearest training images, by the frozen features of what a phase has left; null: of random weights. */
export function knn(settings: ProbeSettings, from: Phase | null, epochs?: number): Phase<"knn"> {
  const { data, ...config } = settings.knn;
  return after("knn", settings, { data, config }, from, epochs);
}

function after<Kind extends "finetune" | "linear" | "knn">(
  kind: Kind,
  { seed, data, model, method }: ModelSettings,
  own: { data: LabelledData; config: Record<string, unknown> },
  from: Phase | null,
  epochs: number | undefined,
): Phase<Kind> {
  return {
    kind,
    seed,
    data: labelled(data, own.data),
    config: { ...own.config, model: METHODS[method].encoder(model).vit },
    ...(from && { from: { phase: from, ...(epochs !== undefined && { epochs }) } }),
  };
}

function labelled(data: DataConfig, { train }: LabelledData): DataConfig {
  return { ...data, train: train === "same" ? data.train : train, test: data.test ?? null };
}
