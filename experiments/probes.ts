import { UserError } from "../core/errors.ts";
import type { Phase } from "../records/phase.ts";
import type { Run, Settings } from "./experiment.ts";
import { knn, linear, type ProbeSettings } from "./phases.ts";

/** Probes of a frozen encoder. */
export const PROBES = ["linear", "knn"] as const satisfies ProbeKind[];
/** What a frozen encoder is looked at by. */
export type ProbeKind = "linear" | "knn";

/**
 * A run that ends in probes, too, of every pre-training that its phases start from, at the epoch at which they do; where it
 * fine-tunes from scratch, of random weights: what pre-training has to leave behind.
 *
 * @throws {UserError} when the experiment's recipe has no settings of probes, or the run pre-trains nothing
 */
export function withProbes(run: Run, settings: Settings, probes: readonly ProbeKind[]): Run {
  if (probes.length === 0) return run;
  if (!probes.every((probe) => probe in settings)) {
    throw new UserError(`Cannot use --probes ${probes.join(",")}: this experiment has no settings of probes`);
  }
  const starts = run.phases.flatMap((
    { kind, from, config: { model } },
  ): { phase: Phase | null; epochs?: number; model: unknown }[] =>
    from ? [{ ...from, model }] : kind === "finetune" ? [{ phase: null, model }] : []
  );
  const make = { linear, knn };
  const ends = starts.flatMap(({ phase, epochs, model }): Phase[] =>
    probes.map((probe) => {
      const end = make[probe](settings as ProbeSettings, phase, epochs);
      return { ...end, config: { ...end.config, model } }; // a row may have another encoder than the settings
    })
  );
  return { ...run, phases: [...run.phases, ...ends] };
}
