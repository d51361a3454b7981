import type { MaeConfig } from "./config.ts";

/** What a program of a masked autoencoder is built for. */
export interface MaeOptions {
  config: MaeConfig;
  /** Masked views in a pass: images times views. */
  rows: number;
  /** Outputs the predictions of masked and visible patches, too, for looking at. */
  looked?: boolean;
  /** Positions of the encoder's and the decoder's tokens, class token first, [N+1, D] and [N+1, d]; sin-cos unless given. */
  positions?: { encoder: Float32Array; decoder: Float32Array };
}
