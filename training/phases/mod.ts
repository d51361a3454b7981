import type { PhaseKind } from "../../records/phase.ts";
import { finetune } from "./finetune.ts";
import { knn } from "./knn.ts";
import { linear } from "./linear.ts";
import { pretrain } from "./pretrain.ts";
import type { Runner } from "./runner.ts";
import { train } from "./train.ts";

/** The runner of each kind of phase; its config is checked by its own schema. */
export const RUNNERS: Record<PhaseKind, Runner<unknown>> = { pretrain, finetune, linear, knn, train } as Record<
  PhaseKind,
  Runner<unknown>
>;
