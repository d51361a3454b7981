/** A pre-training schedule with progressive freezing; plain data that can be written as JSON. */
export interface FreezeSchedule {
  /** L: patch embedding (layer 0) and blocks (layers 1 … L-1); at most 10,000. */
  layers: number;
  /** The layer that feeds each stage's decoder, ascending, the last layer at the end; [2, 4, 10, 12] for ViT-B. */
  stageBlocks: number[];
  /** Freezing time of layer 0 before the power, in (0, 1]. 1 means no freezing: all follow the global schedule. */
  t0: number;
  /** 1 for the linear schedule, 3 for the cubic one. */
  power: number;
  /** Whether layer i starts at baseLr / t_i instead of baseLr. */
  scaled: boolean;
  /** Power of the stage-wise reduction SR-LR; 0 or absent: off. */
  srLr?: number;
  /** Power p of the layer-wise reduction LR-LR, baseLr / t_i^p; absent: off, which is p = 1. */
  lrLr?: number;
  /** Base learning rate alpha, already scaled by the batch size. */
  baseLr: number;
  /** What the global cosine tends to; the layers' own curves end at 0. */
  minLr: number;
  /** Length of the run, warm-up included. */
  epochs: number;
  /** Length of warm-up, below `epochs`; need not be whole. */
  warmupEpochs: number;
  /** Optimiser steps per epoch. */
  iterationsPerEpoch: number;
  /**
   * "code", as released: all layers warm up to baseLr, then jump to their own rate; t_i counts from the end of warm-up.
   * "paper": each layer warms up to its own rate; t_i counts over the whole run.
   */
  form: "code" | "paper";
  /**
   * What a stage's norm and decoder follow: their block's rate and freezing ("block", as released), or the global
   * schedule ("global", as the paper says). Either way they are dropped when their block freezes.
   */
  decoders: "block" | "global";
  /** What the class token follows: layer 0's rate and freezing, or the global schedule ("global", as released). */
  clsToken: "layer0" | "global";
}
