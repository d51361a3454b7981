import { cosineSchedule } from "../core/schedules/cosine.ts";

/** What a made-up training log shall be; every member has a default. */
export interface MadeUpLog {
  /** Arguments of the command beside the usual ones; null writes no namespace. */
  args?: Record<string, string> | null;
  /** Whether the namespace has one argument a line, as MAE prints it. */
  manyLines?: boolean;
  /** First and last epoch that are logged. */
  first?: number;
  last?: number;
  /** Whether lines begin with the time of day. */
  stamped?: boolean;
  /** The loss at a place, in epochs. */
  loss?: (epoch: number) => number;
  /** Seconds per iteration at a place. */
  time?: (epoch: number) => number;
  /** Top-1 after an epoch; undefined for pre-training. */
  top1?: (epoch: number) => number;
  /** The number of the first iteration as printed. */
  firstIteration?: 0 | 1;
  /** Whether the program says how long it took. */
  ends?: boolean;
}

/** Iterations of an epoch, and of them those between two lines. */
export const ITERATIONS = 200, EVERY = 20;

/** Iterations that a printed median or mean covers. */
const WINDOW = 20;

/** Epochs of the made-up recipe, warm-up included; its learning rates reach 0.003 and end at 0. */
export const EPOCHS = 12;

const usual = {
  accum_iter: "1",
  batch_size: "512",
  blr: "0.0015",
  epochs: String(EPOCHS),
  lr: "None",
  model: "'mae_vit_base_patch16'",
  warmup_epochs: "2",
  min_lr: "0.0",
  world_size: "1",
};

/** The learning rate of the made-up recipe after some iterations. */
export function madeUpLr(done: number): number {
  const warmupIterations = 2 * ITERATIONS, iterations = EPOCHS * ITERATIONS;
  return cosineSchedule({ baseLr: 0.003, minLr: 0, warmupIterations, iterations }, done - 1);
}

/** The text of a training log as MAE, LocalMIM and ViTFreeze print it. */
export function madeUpLog(made: MadeUpLog = {}): string {
  const { args = {}, manyLines, first = 0, last = EPOCHS - 1, stamped = true, ends = true } = made;
  const stamp = stamped ? "[17:22:06.525528] " : "";
  const words = Object.entries({ ...usual, ...args }).map(([name, value]) => `${name}=${value}`);
  const namespace = args === null ? [] : [`${stamp}Namespace(${words.join(manyLines ? ",\n" : ", ")})`];
  const epochs = Array.from({ length: last - first + 1 }, (_, k) => epochLines(made, first + k, stamp)).flat();
  const end = ends ? [`${stamp}Training time 1 day, 2:03:04`] : [];
  return [...namespace, `${stamp}Start training`, ...epochs, ...end].join("\n") + "\n";
}

function epochLines(made: MadeUpLog, epoch: number, stamp: string): string[] {
  const { loss = (at) => 0.2 + 0.1 / (1 + at), time = () => 0.5, top1, firstIteration = 0 } = made;
  const printed = Array.from({ length: ITERATIONS / EVERY }, (_, k) => k * EVERY + 1);
  const lines = [...printed, ITERATIONS].map((done) => {
    const window = Array.from({ length: Math.min(done, WINDOW) }, (_, k) => epoch + (done - k) / ITERATIONS);
    const losses = window.map(loss).sort((a, b) => a - b), times = window.map(time);
    const median = losses[Math.floor((losses.length - 1) / 2)];
    const mean = times.reduce((sum, value) => sum + value, 0) / times.length;
    const lr = madeUpLr(epoch * ITERATIONS + done).toFixed(6);
    const meters = `lr: ${lr}  loss: ${number(median)} (${number(loss(epoch + done / ITERATIONS))})`;
    const iteration = String(done - 1 + firstIteration).padStart(3);
    return `${stamp}Epoch: [${epoch}]  [${iteration}/${ITERATIONS}]  eta: 0:01:40  ${meters}  ` +
      `time: ${(mean + 0.01).toFixed(4)}  data: 0.0100  max mem: 1000`;
  });
  const lr = madeUpLr((epoch + 1) * ITERATIONS).toFixed(6), mean = number(loss(epoch + 1));
  return [
    ...lines,
    `${stamp}Epoch: [${epoch}] Total time: 0:01:42 (0.5100 s / it)`,
    `${stamp}True time 0:01:40`,
    `${stamp}Averaged stats: lr: ${lr}  loss: ${mean} (${mean})`,
    ...(top1 ? [`${stamp}* Acc@1 ${top1(epoch).toFixed(3)} Acc@5 ${(top1(epoch) + 9).toFixed(3)} loss 0.744`] : []),
  ];
}

function number(value: number): string {
  return Number.isNaN(value) ? "nan" : value.toFixed(4);
}

/** A text as the bytes of chunks of the given size. */
export function chunked(text: string, size = 65536): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) => bytes.slice(k * size, (k + 1) * size));
}
