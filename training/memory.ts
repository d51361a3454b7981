import { availableMemory, constrainedMemory } from "node:process";
import { countOf } from "../core/engine/program.ts";
import { tokenCount } from "../core/models/config.ts";
import type { Phase } from "../records/phase.ts";
import type { GraphWork } from "./graphWork.ts";
import { RUNNERS } from "./phases/mod.ts";
import { ownShare } from "./work.ts";

/** Bytes of a number; numbers that a parameter needs: its value, gradient and two moments. */
const FLOAT = 4, PER_PARAMETER = 4;
/** Part of the tokens that a pre-training passes through its encoder at least. */
const VISIBLE = 0.2;
/** Numbers that a block keeps of a token for the backward pass, in widths: half of what was measured. */
const PER_TOKEN = 8;

/**
 * Bytes that one process of a phase needs at the very least: parameters with moments, and what backward passes look at.
 *
 * @param onCard whether a card computes, whose memory then holds both; the processor's holds the first
 */
export function leastMemory(
  phase: Phase,
  classes: number,
  shared: Pick<GraphWork, "ranks" | "accum">,
  onCard = false,
): { host: number; card: number } {
  const { kind, config } = phase, runner = RUNNERS[kind], batch = runner.batch(config);
  const parameters = FLOAT * PER_PARAMETER * countOf(runner.parameters(config, classes));
  const vit = kind === "pretrain" || kind === "finetune" ? runner.encoder?.(config) : undefined;
  const card = onCard ? parameters : 0;
  if (!batch || !vit) return { host: parameters, card };
  const { embedDim, depth, numHeads } = vit;
  const tokens = tokenCount(vit) * (kind === "pretrain" ? VISIBLE : 1), { images } = ownShare(batch, shared);
  const kept = FLOAT * images * depth * (PER_TOKEN * tokens * embedDim + numHeads * tokens ** 2);
  return onCard ? { host: parameters, card: parameters + kept } : { host: parameters + kept, card };
}

/** Bytes that this process may still take: what the machine has free, or its container at most. */
export function freeMemory(): number {
  return Math.min(availableMemory(), constrainedMemory());
}
