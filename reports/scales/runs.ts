import { UserError } from "../../core/errors.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { allRows, runsOf, type SeedRun } from "../../experiments/plan.ts";
import { PROBES } from "../../experiments/probes.ts";
import { resolveSettings } from "../../experiments/settings.ts";
import { type Phase, phaseKey, type PhaseKind } from "../../records/phase.ts";

/** Settings of experiments: a profile, and what was set besides. */
export interface Asked {
  profile: string;
  /** As key=value, sorted: only what differs from the profile. */
  set: readonly string[];
}

/** A phase of a run. */
export interface PhaseOfRun {
  key: string;
  kind: PhaseKind;
  /** Epochs after which a later phase of the run takes it over; all unless said. */
  epochs?: number;
}

/** A run with one seed, by the keys of its phases. */
export interface KeyedRun extends Pick<SeedRun, "row" | "seed" | "label" | "like"> {
  /** Its last phases first, then what they rest on. */
  phases: PhaseOfRun[];
}

/** The runs of an experiment at the settings, controls and probes included; none where it has no such profile or key. */
export function runsAt(experiment: Experiment, { profile, set }: Asked, seeds: readonly number[]): KeyedRun[] {
  try {
    const settings = resolveSettings(experiment, profile, set);
    const probes = PROBES.filter((probe) => probe in settings);
    return runsOf(experiment, settings, { rows: allRows(experiment, settings), seeds, probes }).map(keyed);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

function keyed({ row, seed, label, like, phases }: SeedRun): KeyedRun {
  const found: PhaseOfRun[] = [];
  const visit = (phase: Phase, epochs?: number) => {
    const key = phaseKey(phase);
    if (found.some((other) => other.key === key)) return;
    found.push({ key, kind: phase.kind, ...(epochs !== undefined && { epochs }) });
  };
  phases.forEach((phase) => visit(phase));
  let ends: readonly Phase[] = phases;
  while (ends.length > 0) {
    const starts = ends.flatMap(({ from }) => from ? [from] : []);
    starts.forEach(({ phase, epochs }) => visit(phase, epochs));
    ends = starts.map(({ phase }) => phase);
  }
  return { row, seed, label, ...(like !== undefined && { like }), phases: found };
}
