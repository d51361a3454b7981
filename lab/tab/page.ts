// The page: asks its worker to train, and draws what it tells.

import { LayerList } from "./layers.ts";
import { LookList } from "./lookList.ts";
import { LossCurves } from "./losses.ts";
import type { Begun, Stepped, Wish, Word } from "./messages.ts";
import { readPicture } from "./ownPicture.ts";
import type { Asked } from "./provider.ts";

/** Milliseconds between two drawings of the curves. */
const REDRAW = 250;
/** What tabs of this page say to each other. */
const CHANNEL = "vitfreeze-lab";

const at = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const rows = at<HTMLSelectElement>("row"),
  epochs = at<HTMLSelectElement>("epochs"),
  engine = at<HTMLSelectElement>("engine"),
  stage = at<HTMLSelectElement>("stage");
const start = at<HTMLButtonElement>("start"),
  pause = at<HTMLButtonElement>("pause"),
  weights = at<HTMLButtonElement>("weights");
const file = at<HTMLInputElement>("file"),
  looks = new LookList(at("looks")),
  asked = new URLSearchParams(location.search);
/** What is chosen before a training. */
const choices = [rows, epochs, engine];

let worker: Worker, begun: Begun | undefined, curves: LossCurves, layers: LayerList, size = 0;
let isReady = false, isPaused = false, isHidden = document.hidden, isOver = false, drawn = 0;
/** What each step gave: also for who wants the numbers. */
const steps: Stepped[] = [];
Object.assign(globalThis, { lab: { steps } });

function status(text: string, isBad = false): void {
  at("status").textContent = text;
  at("status").classList.toggle("bad", isBad);
}

function note(text: string): void {
  at("note").textContent = text;
  at("note").hidden = text === "";
}

const ask = (wish: Wish) => worker.postMessage(wish);

function heard({ data: word }: MessageEvent<Word>): void {
  if (word.kind === "ready") ready(word.rows);
  else if (word.kind === "begun") begin(word.begun);
  else if (word.kind === "stepped") step(word.stepped);
  else if (word.kind === "looked") {
    size = word.looked[0]?.picture.size ?? size;
    looks.take(word.looked);
  } else if (word.kind === "weights") save(word.name, word.bytes);
  else if (word.kind === "ended") end();
  else fail(word.message);
}

function enable(isEnabled: boolean): void {
  for (const each of [start, ...choices]) each.disabled = !isEnabled;
}

/** Comes from every worker; choices are the person's from the first one on. */
function ready(all: Extract<Word, { kind: "ready" }>["rows"]): void {
  if (isReady) return;
  rows.replaceChildren(
    ...all.map(({ row, label }) => new Option(label, row, false, row === (asked.get("row") ?? "vitfreeze"))),
  );
  enable(true);
  status("Ready: 5 epochs take one to three minutes.");
  isReady = true;
}

function begin(found: Begun): void {
  begun = found;
  curves = new LossCurves(at("losses"), found.stages, found.steps);
  layers = new LayerList(at("layers"), found.layers);
  looks.clear();
  stage.replaceChildren(...found.stages.map((name, k) => new Option(name, `${k}`)));
  at("progress").hidden = pause.hidden = weights.hidden = false;
  status(`${found.row.label}: the first step is being made …`);
  note(`Computed by ${found.engine}.`);
  pause.focus();
  if (isHidden) settle();
}

function step(found: Stepped): void {
  steps.push(found);
  curves.add(found.stages);
  if (found.step === 1) status(`${begun!.row.label} trains.`);
  const now = performance.now();
  if (now - drawn < REDRAW && found.step < begun!.steps) return;
  drawn = now;
  at<HTMLProgressElement>("bar").value = found.step / begun!.steps;
  curves.draw();
  layers.show(found.live, found.rates, found.step);
  const live = found.live.filter(Boolean).length;
  numbers({
    "Step": `${found.step} of ${begun!.steps}`,
    "Loss": found.loss.toFixed(4),
    "Layers that train": `${live} of ${found.live.length}`,
    "Images a second": found.imagesPerSecond.toFixed(0),
    "Step time saved by freezing": found.saved === null ? "none frozen yet" : `${(100 * found.saved).toFixed(1)} %`,
  });
}

function numbers(all: Record<string, string>): void {
  at("numbers").replaceChildren(
    ...Object.entries(all).map(([name, value]) => {
      const group = document.createElement("div"),
        term = document.createElement("dt"),
        detail = document.createElement("dd");
      term.textContent = name;
      detail.textContent = value;
      group.append(term, detail);
      return group;
    }),
  );
}

function end(): void {
  isOver = true;
  pause.hidden = true;
  start.textContent = "Train again";
  enable(true);
  const saved = steps.at(-1)?.saved ?? null;
  status(
    `Trained: ${begun!.row.label}${
      saved === null ? "" : `, freezing saved ${(100 * saved).toFixed(1)} % of the steps' time`
    }.`,
  );
}

function fail(message: string): void {
  status(message, true);
  weights.hidden = true;
  size = 0;
  enable(true);
  pause.hidden = true;
  isOver = true;
}

function save(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A fresh worker; one that has trained is of no more use. */
function employ(): void {
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.onmessage = heard;
  worker.onerror = (event) => fail(`Cannot train here: ${event.message || "the worker does not start"}`);
}

/** Pauses while it is asked to, or while nobody sees the tab. */
function settle(): void {
  if (!begun || isOver) return;
  ask({ kind: isPaused || isHidden ? "pause" : "go on" });
  pause.textContent = isPaused ? "Go on" : "Pause";
  status(isPaused ? "Paused." : isHidden ? "Paused while the tab is hidden." : `${begun.row.label} trains.`);
}

async function lookAt(files: Iterable<File>): Promise<void> {
  if (size === 0) return status("Start the training first: there is no model yet to look at a picture.", true);
  for (const each of files) {
    try {
      ask({ kind: "look", name: each.name, picture: await readPicture(each, size) });
    } catch (error) {
      status((error as Error).message, true);
    }
  }
}

at<HTMLFormElement>("setup").addEventListener("submit", (event) => {
  event.preventDefault();
  if (isOver) {
    worker.terminate();
    employ();
    steps.length = 0;
    isOver = isPaused = false;
  }
  enable(false);
  status("Loading the library …");
  ask({ kind: "start", row: rows.value, epochs: Number(epochs.value), asked: engine.value as Asked });
});
pause.addEventListener("click", () => {
  isPaused = !isPaused;
  settle();
});
weights.addEventListener("click", () => ask({ kind: "weights" }));
stage.addEventListener("change", () => looks.chooseStage(Number(stage.value)));
file.addEventListener("change", () => void lookAt(file.files ?? []));
document.addEventListener("visibilitychange", () => {
  isHidden = document.hidden;
  settle();
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dropping", kind === "dragover");
    if (kind === "drop") void lookAt((event as DragEvent).dataTransfer?.files ?? []);
  });
}
const others = new BroadcastChannel(CHANNEL);
others.onmessage = ({ data }) => {
  if (data === "hello") others.postMessage("here");
  at("others").hidden = false;
};
others.postMessage("hello");
for (const each of [epochs, engine]) {
  const wanted = asked.get(each.name);
  if ([...each.options].some(({ value }) => value === wanted)) each.value = wanted!;
}
employ();
