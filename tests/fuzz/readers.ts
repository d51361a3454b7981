import type { FuzzReader } from "./reader.ts";
import { archives } from "./readers/archives.ts";
import { checkpoints } from "./readers/checkpoints.ts";
import { cifar } from "./readers/cifar.ts";
import { commands } from "./readers/commands.ts";
import { images } from "./readers/images.ts";
import { ledgers } from "./readers/ledgers.ts";
import { logs } from "./readers/logs.ts";
import { plans } from "./readers/plans.ts";
import { results } from "./readers/results.ts";
import { safetensors } from "./readers/safetensors.ts";
import { schedules } from "./readers/schedules.ts";
import { torch } from "./readers/torch.ts";
import { weights } from "./readers/weights.ts";
import { yaml } from "./readers/yaml.ts";

/** Everything that reads what a stranger wrote. */
export const READERS: readonly FuzzReader[] = [
  archives,
  checkpoints,
  cifar,
  commands,
  images,
  ledgers,
  logs,
  plans,
  results,
  safetensors,
  schedules,
  torch,
  weights,
  yaml,
];
