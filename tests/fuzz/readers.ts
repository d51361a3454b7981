import type { FuzzReader } from "./reader.ts";
import { archives } from "./readers/archives.ts";
import { checkpoints } from "./readers/checkpoints.ts";
import { cifar } from "./readers/cifar.ts";
import { commands } from "./readers/commands.ts";
import { images } from "./readers/images.ts";
import { ledgers } from "./readers/ledgers.ts";
import { logs } from "./readers/logs.ts";
import { plans } from "./readers/plans.ts";
import { rankLogs } from "./readers/rankLogs.ts";
import { results } from "./readers/results.ts";
import { safetensors } from "./readers/safetensors.ts";
import { schedules } from "./readers/schedules.ts";
import { tarLinks } from "./readers/tarLinks.ts";
import { tiffs } from "./readers/tiff.ts";
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
  rankLogs,
  results,
  safetensors,
  schedules,
  tarLinks,
  tiffs,
  torch,
  weights,
  yaml,
];
