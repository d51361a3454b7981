import { type EncoderConfig, encoderOf } from "../models/config.ts";
import { beitEncoder, type BeitShape } from "./beit/config.ts";
import { simMimEncoder } from "./simmim/config.ts";

/** The encoder that probes and fine-tuning take over of a method's model, without what trains it. */
export function encoderOfMethod(name: string, config: EncoderConfig): EncoderConfig {
  if (name === "simmim") return simMimEncoder(config);
  return encoderOf(name === "beit" ? beitEncoder(config as BeitShape) : config);
}
