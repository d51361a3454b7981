// The worker of the page: trains, and answers what the page asks between two steps.

import type { Wish, Word } from "./messages.ts";
import { chooseProvider } from "./provider.ts";
import { rowChoices, TabTraining } from "./training.ts";

interface Host {
  onmessage: ((event: MessageEvent<Wish>) => void) | null;
  postMessage(word: Word, transfer?: Transferable[]): void;
  location: { href: string };
}

const host = self as unknown as Host;
const say = (word: Word) => host.postMessage(word);

/** What the page has asked for and not got yet. */
const waiting: Exclude<Wish, { kind: "start" | "pause" | "go on" }>[] = [];
let paused: PromiseWithResolvers<void> | undefined;
let training: TabTraining | undefined;
let woken: PromiseWithResolvers<void> | undefined;
let isOver = false, isServing = false;

/** Does what was asked for, with weights that no step is changing; one thing after the other. */
async function serve(of: TabTraining): Promise<void> {
  if (isServing) return;
  isServing = true;
  try {
    for (let wish = waiting.shift(); wish; wish = waiting.shift()) {
      if (wish.kind === "look") await of.look(wish.name, wish.picture);
      else say({ kind: "weights", ...of.weights() });
    }
  } finally {
    isServing = false;
  }
}

async function between(of: TabTraining): Promise<void> {
  await serve(of);
  while (paused) {
    woken = Promise.withResolvers();
    await Promise.race([paused.promise, woken.promise]);
    await serve(of);
  }
}

async function start({ row, epochs, asked }: Extract<Wish, { kind: "start" }>): Promise<void> {
  const chosen = await chooseProvider(asked, new URL("./", host.location.href));
  training = new TabTraining(row, epochs, chosen, {
    begun: (begun) => say({ kind: "begun", begun }),
    stepped: (stepped) => say({ kind: "stepped", stepped }),
    looked: (step, looked) => say({ kind: "looked", step, looked }),
    between,
  });
  await training.run();
  isOver = true;
  say({ kind: "ended" });
  await serve(training);
}

const failed = (error: unknown) =>
  say({ kind: "failed", message: error instanceof Error ? error.message : String(error) });

host.onmessage = ({ data: wish }) => {
  if (wish.kind === "start") void start(wish).catch(failed);
  else if (wish.kind === "pause") paused ??= Promise.withResolvers();
  else if (wish.kind === "go on") {
    paused?.resolve();
    paused = undefined;
  } else {
    waiting.push(wish);
    woken?.resolve();
    if (isOver) void serve(training!).catch(failed);
  }
};
say({ kind: "ready", rows: rowChoices() });
