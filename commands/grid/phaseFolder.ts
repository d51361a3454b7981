import { join } from "node:path";
import { type Phase, phaseKey } from "../../records/phase.ts";

/** Digits of a phase's key in the name of its folder. */
const DIGITS = 12;

/** The name of a phase's folder, e.g. "finetune-localmim-3f0c12ab34cd": kind, method of pre-training, start of the key. */
export function phaseName(phase: Phase): string {
  return `${phase.kind}-${methodOf(phase)}-${phaseKey(phase).slice(0, DIGITS)}`;
}

/** The folder in which a phase works, whatever asks for it. */
export function phaseFolder(root: string, phase: Phase): string {
  return join(root, phaseName(phase));
}

/** The method of the pre-training that a phase is or starts from. */
function methodOf({ kind, config, from }: Phase): string {
  if (kind === "pretrain") return String((config.method as { name: unknown }).name);
  return from ? methodOf(from.phase) : "scratch";
}
