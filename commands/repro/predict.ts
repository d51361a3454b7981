import { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { type Program, sizeOf } from "../../core/engine/program.ts";
import { netSpans, stepWork, wholeWork } from "../../core/cost/convNet.ts";
import { stateSpans } from "../../core/cost/runCost.ts";
import { methodOf } from "../../core/methods/mod.ts";
import { freezeState } from "../../core/schedules/freezeState.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { inOrder, type Phase, phaseKey } from "../../records/phase.ts";
import { iterationsPerEpoch } from "../../training/batches.ts";
import type { FinetuneConfig, PretrainConfig, TrainConfig } from "../../training/config.ts";
import { breathe } from "../../training/monitor.ts";
import { finetuneObjective } from "../../training/phases/finetune.ts";
import { pretrainObjective } from "../../training/phases/pretrain.ts";
import { freezeOutOf, netOf } from "../../training/phases/train.ts";
import { scheduleOf } from "../../training/schedule.ts";
import type { Command } from "./flags.ts";

/** What the rows will take, before they are run. */
export interface Prediction {
  /** Measured seconds per image of an unfrozen step, by kind of phase; of several models the slowest. */
  secondsPerImage: Record<string, number>;
  /** Predicted seconds of each row with all that it rests on, for one seed. */
  rows: Record<string, number>;
  /** Predicted seconds of all wanted phases, each once. */
  total: number;
}

/** Images in the steps that are measured; few, so that a big model fits and the answer comes soon. */
const PROBE_BATCH = 4;
/** The same for a convolutional network, whose filter gradients take images in whole blocks. */
const NET_BATCH = 16;
/** Classes with which the work of a network is counted. */
const SOME_CLASSES = 10;

/** Seconds per image of one training step, the faster of two. */
async function measure(engine: Engine, program: Program, batch: number, signal: AbortSignal): Promise<number> {
  const names = program.parameters.map(({ name }) => name);
  const arena = new Arena(program.parameters), resident = engine.resident?.(arena, false);
  const step = await engine.train(program, arena, names);
  const feeds = Object.fromEntries(
    Object.entries(program.inputs).map(([name, { shape, dtype }]) => {
      const count = sizeOf(shape);
      return [name, dtype === "int32" ? new Int32Array(count) : new Float32Array(count).fill(1)];
    }),
  );
  let best = Infinity;
  for (let i = 0; i < 2; i++) {
    await breathe({ signal });
    const start = performance.now();
    await step.run(feeds);
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  step.dispose();
  resident?.dispose();
  return best / batch;
}

/** How many unfrozen steps' time the steps of a phase take, and the images of a step; nothing for one without such steps. */
function effort({ kind, config }: Phase, images: number): { steps: number; batch: number } | undefined {
  if (kind === "finetune") {
    const { batch, accumulation, epochs } = config as FinetuneConfig;
    return { steps: iterationsPerEpoch(images, batch, accumulation) * epochs, batch: batch * accumulation };
  }
  if (kind === "train") return netEffort(config as TrainConfig, images);
  if (kind !== "pretrain") return undefined;
  const own = config as PretrainConfig, { method, config: model } = methodOf(own.method), { batch, accumulation } = own;
  const perEpoch = iterationsPerEpoch(images, batch, accumulation, own.cropsPerImage);
  const schedule = scheduleOf(own, method.encoder(model), perEpoch);
  const flops = method.flops, whole = flops?.(model, freezeState(schedule, 0), "cut", batch);
  const steps = stateSpans(schedule).reduce((sum, { state, steps }) => {
    const share = flops && whole ? flops(model, state, own.freeze?.backward ?? "cut", batch) / whole : 1;
    return sum + steps * share;
  }, 0);
  return { steps, batch: batch * accumulation };
}

/** The same of a convolutional network, by the multiply-adds of every stretch of its schedule. */
function netEffort(config: TrainConfig, images: number): { steps: number; batch: number } {
  const { batch, accumulation, validation } = config, { net, config: model } = netOf(config, SOME_CLASSES);
  const perEpoch = iterationsPerEpoch(images - validation, batch, accumulation);
  const whole = wholeWork(stepWork(net, model, 0));
  const steps = netSpans(freezeOutOf(config, net.layers(model), perEpoch)).reduce(
    (sum, { firstLive, iterations }) => sum + iterations * wholeWork(stepWork(net, model, firstLive)) / whole,
    0,
  );
  return { steps, batch: batch * accumulation };
}

/**
 * Predicts the cost of phases: one small step of each distinct model is measured, times its steps, times what a method's cost
 * model says of every state of the schedule. Data loading, targets, evaluation and probes are not counted.
 *
 * @param ranks that share the work; their exchange is not counted either
 */
export async function predictCost(
  { wanted, plan: { runs }, request: { seeds } }: Command,
  datasetOf: (phase: Phase) => ImageDataset,
  engine: Engine,
  signal: AbortSignal,
  ranks = 1,
): Promise<Prediction> {
  const perImage = new Map<string, number>(), seconds = new Map<string, number>();
  const secondsPerImage: Record<string, number> = {};
  for (const phase of wanted) {
    const dataset = datasetOf(phase), work = effort(phase, dataset.train.length);
    if (!work) continue;
    const { method, model = method, net = model } = phase.config;
    const name = canonicalJson([phase.kind, net, dataset.classes.length]);
    if (!perImage.has(name)) {
      perImage.set(name, await measure(engine, programOf(phase, dataset), probeBatch(phase), signal));
    }
    const rate = perImage.get(name)!;
    secondsPerImage[phase.kind] = Math.max(secondsPerImage[phase.kind] ?? 0, rate);
    seconds.set(phaseKey(phase), rate * work.steps * work.batch / ranks);
  }
  const sum = (phases: readonly Phase[]) => phases.reduce((all, phase) => all + (seconds.get(phaseKey(phase)) ?? 0), 0);
  const first = runs.filter(({ seed }) => seed === seeds[0]);
  const rows = Object.fromEntries(first.map(({ row, phases }) => [row, sum(inOrder(phases))]));
  return { secondsPerImage, rows, total: sum(wanted) };
}

const probeBatch = ({ kind }: Phase) => kind === "train" ? NET_BATCH : PROBE_BATCH;

function programOf({ kind, config, seed }: Phase, dataset: ImageDataset): Program {
  if (kind === "train") {
    const { net, config: model } = netOf(config as TrainConfig, dataset.classes.length);
    return net.program(model, NET_BATCH, 0);
  }
  const objective = kind === "pretrain"
    ? pretrainObjective(config as PretrainConfig, dataset.train, seed)
    : finetuneObjective(config as FinetuneConfig, { dataset, seed });
  return objective.stretch(0, PROBE_BATCH).program;
}
