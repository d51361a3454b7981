import { CompiledEngine } from "../../core/engine/compiled.ts";
import type { Card } from "../../core/engine/ort/card.ts";

let chosen: Card | undefined;

/** Has all checks of this process run on a card, if there is one. */
export function runOn(card: Card | undefined): void {
  chosen = card;
}

/** The engine that trains, on one thread, or on the chosen card. */
export function trainingEngine(): CompiledEngine {
  return new CompiledEngine(1, undefined, chosen);
}
