import type { Arena } from "../../core/engine/arena.ts";
import type { Outputs } from "../../core/engine/program.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import { proceduralDataset } from "../../datasets/procedural/proceduralDataset.ts";
import { planOf } from "../../experiments/plan.ts";
import { table17 } from "../../experiments/thesis/table17.ts";
import { inOrder } from "../../records/phase.ts";
import { HASH, weightsMetadata } from "../../training/checkpoint/weightsFile.ts";
import { type PretrainConfig, pretrainConfigSchema } from "../../training/config.ts";
import { train } from "../../training/loop.ts";
import { pretrain, pretrainObjective } from "../../training/phases/pretrain.ts";
import { DATA_SEED } from "../../training/streams.ts";
import { weightsHash } from "../../training/weightsHash.ts";
import type { Begun, Looked, Pixels, RowChoice, Stepped } from "./messages.ts";
import { Looks } from "./looks.ts";
import type { Chosen } from "./provider.ts";
import { SavedTime } from "./savedTime.ts";
import { WebEngine } from "./webEngine.ts";

const PROFILE = "ci", SEED = 0;
/** Steps between two looks at the pictures. */
const LOOK_EVERY = 20;

/** The rows of Table 17 that pre-train, at the profile that takes a minute. */
export function rowChoices(): RowChoice[] {
  return plan().map(({ row, label }) => ({ row, label }));
}

function plan(epochs?: number) {
  const set = epochs === undefined ? [] : [`pretrain.epochs=${epochs}`];
  const { runs } = planOf(table17, { profile: PROFILE, set, seeds: [SEED], probes: [] });
  return runs.flatMap(({ row, label, phases }) => {
    const phase = inOrder(phases).find(({ kind }) => kind === "pretrain");
    return phase ? [{ row, label, phase }] : [];
  });
}

/** Who is told what happens, and what is wished between two steps. */
export interface Listener {
  begun(begun: Begun): void;
  stepped(stepped: Stepped): void;
  looked(step: number, looked: Looked[]): void;
  /** Waits where the training is to pause, and does what was asked for in the meantime. */
  between(training: TabTraining): Promise<void>;
}

/** A pre-training of Table 17 in a tab: the same loop, random streams and graph as `deno task repro` has. */
export class TabTraining {
  readonly #config: PretrainConfig;
  readonly #choice: RowChoice;
  readonly #engine: WebEngine;
  readonly #looks: Looks;
  readonly #dataset;
  readonly #objective;
  readonly #saved = new SavedTime();
  readonly #started = performance.now();
  #arena: Arena | undefined;
  #outputs: Outputs = {};
  #step = 0;
  #paused = 0;

  /**
   * @param row of the table
   * @param epochs of pre-training; the profile's unless given
   */
  constructor(row: string, epochs: number | undefined, readonly chosen: Chosen, readonly listener: Listener) {
    const { phase, label } = plan(epochs).find((each) => each.row === row)!;
    this.#choice = { row, label };
    this.#config = pretrainConfigSchema.parse(phase.config);
    this.#engine = new WebEngine(chosen, {
      before: (arena) => this.#before(arena),
      after: (outputs, seconds) => {
        this.#outputs = outputs;
        this.#saved.add(seconds);
      },
    });
    const { train: count } = phase.data, size = pretrain.imageSize(this.#config);
    // The test images are only looked at.
    this.#dataset = proceduralDataset({ seed: DATA_SEED, size, train: count!, test: 12 });
    this.#objective = pretrainObjective(this.#config, this.#dataset.train, SEED);
    this.#looks = new Looks(this.#engine, this.#config, this.#dataset, SEED);
  }

  /** Trains to the end; throws what stops it. */
  async run(): Promise<void> {
    const { listener, chosen } = this, config = this.#config;
    const objective = this.#objective, [, ...stages] = objective.losses;
    const first = objective.facts(0), steps = objective.epochs * objective.iterationsPerEpoch;
    const layers = first.live!.layers.map((_, layer) => layer === 0 ? "patch embedding" : `block ${layer}`);
    const { epochs } = objective, titles = this.#looks.stages;
    listener.begun({ row: this.#choice, steps, epochs, layers, stages: titles, engine: chosen.title });
    const { signal } = new AbortController(), images = config.batch * config.accumulation;
    await train(objective, {
      engine: this.#engine,
      dataset: this.#dataset,
      seed: SEED,
      monitor: {
        signal,
        step: ({ done }) => {
          this.#step = done;
          const { rates, live } = objective.facts(done - 1), outputs = this.#outputs;
          const seconds = (performance.now() - this.#started) / 1000 - this.#paused;
          listener.stepped({
            step: done,
            loss: outputs.loss[0],
            stages: stages.map((name) => outputs[name]?.[0] ?? null),
            live: live!.layers,
            rates,
            imagesPerSecond: done * images / seconds,
            saved: this.#saved.share(),
          });
        },
      },
    });
    listener.looked(this.#step, await this.#looks.fixed(this.#arena!));
  }

  /** What the weights make of a picture now. */
  async look(name: string, picture: Pixels): Promise<void> {
    this.listener.looked(this.#step, [await this.#looks.other(this.#arena!, name, picture)]);
  }

  /** The weights now, as a file that `deno task weights:list` reads, and its name. */
  weights(): { name: string; bytes: Uint8Array<ArrayBuffer> } {
    const arena = this.#arena!, metadata = weightsMetadata(pretrain.model(this.#config, 0)!);
    const tensors = arena.names().map((name) =>
      [name, { dtype: "F32" as const, shape: arena.shape(name), data: arena.view(name).slice() }] as const
    );
    const bytes = writeSafetensors(tensors, { ...metadata, [HASH]: weightsHash(arena) });
    return { name: `${this.#choice.row}-step-${this.#step}.safetensors`, bytes };
  }

  async #before(arena: Arena): Promise<void> {
    this.#arena = arena;
    const asked = performance.now();
    if (this.#step % LOOK_EVERY === 0) this.listener.looked(this.#step, await this.#looks.fixed(arena));
    await this.listener.between(this);
    // Layers freeze for good: from the step that comes on steps cost less.
    this.#saved.froze(this.#objective.facts(this.#step).live!.layers.some((each) => !each));
    this.#paused += (performance.now() - asked) / 1000;
  }
}
