import type { HybridConfig } from "../../models/convStages.ts";
import type { MaeConfig } from "../mae/config.ts";

/** Shape of a masked autoencoder on a hybrid encoder, its views and its target; the decoder's MLP is as wide as the stages'. */
export type ConvMaeConfig = MaeConfig & HybridConfig;
