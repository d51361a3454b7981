import { sha256 } from "../core/sha256.ts";
import { canonicalJson } from "./canonical.ts";

/** Kinds of phases, each a file of training/phases/. */
export const PHASE_KINDS = ["pretrain", "finetune", "linear", "knn", "train"] as const satisfies PhaseKind[];
/** What is done in a phase. */
export type PhaseKind = "pretrain" | "finetune" | "linear" | "knn" | "train";

/** Which images, whatever the path at which they lie. */
export interface DataConfig {
  /** "procedural": generated; any other name: what `--data NAME=PATH` says, "images" where it says a path alone. */
  source: string;
  /** A subset by name, e.g. "in100"; so many of the classes; null: all. */
  classes: string | number | null;
  /** Training images that are used, the same number of each class; null: all. */
  train: number | null;
  /** Test images; null: all; not there where the phase looks at none. */
  test?: number | null;
}

/**
 * A phase of training or evaluation: all that decides what it computes, as plain JSON. Phases that start from the same
 * phase share it, so the phases of a table are a graph without circles.
 */
export interface Phase<Kind extends PhaseKind = PhaseKind> {
  /** What is done. */
  kind: Kind;
  /** Names all random streams: initial weights, order of images, crops, masks. */
  seed: number;
  /** Which images. */
  data: DataConfig;
  /** Resolved: nothing is left to a default, and nothing is in it that changes nothing. */
  config: Record<string, unknown>;
  /** Whose weights it starts from, and after how many of its epochs; all unless said. */
  from?: { phase: Phase; epochs?: number };
}

/** A phase as records and run folders hold it: what it starts from is named by its key. */
export type PlainPhase = Omit<Phase, "from"> & { from: { key: string; epochs: number | null } | null };

const keys = new WeakMap<Phase, string>();

/** The phase with the key of what it starts from in place of that phase. */
export function plainPhase({ kind, seed, data, config, from }: Phase): PlainPhase {
  return { kind, seed, data, config, from: from ? { key: phaseKey(from.phase), epochs: from.epochs ?? null } : null };
}

/**
 * SHA-256 of the phase and, by their keys, of all that it rests on: two phases are one when their keys are. What is not in
 * it: where the images lie and what they hold, the code, the engine, the machine; records tell of these.
 */
export function phaseKey(phase: Phase): string {
  let key = keys.get(phase);
  if (key === undefined) keys.set(phase, key = sha256(canonicalJson(plainPhase(phase))));
  return key;
}

/** The phases and all that they rest on, each once, before what rests on it. */
export function inOrder(phases: readonly Phase[]): Phase[] {
  const found = new Map<string, Phase>();
  const visit = (phase: Phase) => {
    if (found.has(phaseKey(phase))) return;
    if (phase.from) visit(phase.from.phase);
    found.set(phaseKey(phase), phase);
  };
  phases.forEach(visit);
  return [...found.values()];
}
