import type { Control } from "../experiment.ts";
import { finetune, type FinetuneSettings } from "../phases.ts";

/** Training from scratch, as long as the settings' fine-tuning, beside a run: what pre-training has to leave behind. */
export function scratchControl(settings: FinetuneSettings, like: string): Control {
  return { label: `from scratch, ${settings.finetune.epochs} epochs`, phases: [finetune(settings, null)], like };
}
