import type { LocalMimConfig } from "../methods/localmim/config.ts";
import { BUCKET_BYTES } from "../parallel/buckets.ts";
import { VALUE } from "./cost.ts";
import { type Device, stepSeconds, wholeSeconds } from "./device.ts";
import { liveParameters } from "./optimiser.ts";
import type { CostState } from "./state.ts";
import { stepCost, type StepOptions } from "./stepCost.ts";

/** Nodes that train one model together, one rank each, and what connects them. */
export interface Network {
  nodes: number;
  /** 10^9 bits a second that every node sends, and receives at the same time. */
  gigabitsPerSecond: number;
}

/** What one optimiser step exchanges, and how long it takes. */
export interface ParallelStep {
  /** Gradients that one rank hands to the all-reduce. */
  bytes: number;
  /** What one rank sends, and receives, to sum them. */
  sentBytes: number;
  exchangeSeconds: number;
  /** The whole step. */
  seconds: number;
  /** Seconds of the step on one node over those on all, each node with as many images (weak scaling). */
  efficiency: number;
}

/** Bytes of gradients that one rank hands to the all-reduce in an optimiser step: single precision, of what trains. */
export function exchangeBytes(config: LocalMimConfig, state: CostState): number {
  return VALUE * liveParameters(config, state);
}

/**
 * Bytes that each rank sends, and receives, to sum `bytes` over all ranks: 2 (N - 1) / N of them, the least possible
 * (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", 2009).
 */
export function ringBytes(bytes: number, nodes: number): number {
  return 2 * (nodes - 1) / nodes * bytes;
}

/**
 * Seconds of an all-reduce over a full-duplex network. A message's latency and adding the sums are left out: a bucket's
 * message to the next of 8 nodes is 4 MiB, at 10 Gb/s 3.4 ms; with hundreds of nodes latency would show.
 */
export function exchangeSeconds(bytes: number, { nodes, gigabitsPerSecond }: Network): number {
  return 8 * ringBytes(bytes, nodes) / (gigabitsPerSecond * 1e9);
}

/** Buckets that gradients are cut into. */
export function bucketCount(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / BUCKET_BYTES));
}

/** Seconds of exchange and update of equal buckets in turn, one being updated while the next is on its way. */
export function overlappedSeconds(exchange: number, update: number, buckets: number): number {
  return Math.max(exchange, update) + Math.min(exchange, update) / buckets;
}

/**
 * One optimiser step of every node in a freeze state. The exchange starts when the backward pass has ended; AdamW's
 * update alone runs beside it, as if the two did not share cores or memory.
 *
 * @param options a node's own images; the step is over `network.nodes` times as many
 */
export function parallelStep(
  config: LocalMimConfig,
  state: CostState,
  options: StepOptions,
  device: Device,
  network: Network,
): ParallelStep {
  const of = (accumulation: number) => stepSeconds(stepCost(config, state, { ...options, accumulation }), device);
  // Sums over micro-batches count as the optimiser's, but have to be whole before they are exchanged.
  const alone = wholeSeconds(of(options.accumulation)), update = of(1).optimiser;
  const bytes = exchangeBytes(config, state), exchange = exchangeSeconds(bytes, network);
  const seconds = alone + (overlappedSeconds(exchange, update, bucketCount(bytes)) - update);
  return {
    bytes,
    sentBytes: ringBytes(bytes, network.nodes),
    exchangeSeconds: exchange,
    seconds,
    efficiency: alone / seconds,
  };
}
