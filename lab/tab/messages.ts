import type { Asked } from "./provider.ts";

/** RGB bytes of a square picture, [size, size, 3]. */
export interface Pixels {
  size: number;
  bytes: Uint8Array;
}

/** What the page asks of its worker. */
export type Wish =
  | { kind: "start"; row: string; epochs: number; asked: Asked }
  | { kind: "pause" | "go on" | "weights" }
  | { kind: "look"; name: string; picture: Pixels };

/** A row of the table that can be trained. */
export interface RowChoice {
  row: string;
  label: string;
}

/** What is about to be trained, and on what. */
export interface Begun {
  row: RowChoice;
  /** Steps of all epochs. */
  steps: number;
  epochs: number;
  /** What each layer is, in the order in which they freeze. */
  layers: string[];
  /** What each stage is. */
  stages: string[];
  /** What computes, in words. */
  engine: string;
}

/** How far a training is after a step. */
export interface Stepped {
  /** Steps that were taken. */
  step: number;
  loss: number;
  /** Of each stage; null of one that has ended. */
  stages: (number | null)[];
  /** Of each layer. */
  live: boolean[];
  rates: number[];
  imagesPerSecond: number;
  /** Share of the steps' time so far that freezing has saved, by the steps before the first freeze; null before there is one. */
  saved: number | null;
}

/** What the model makes of a picture, stage by stage. */
export interface Looked {
  name: string;
  /** Whether it is one of the pictures that are always shown. */
  fixed: boolean;
  picture: Pixels;
  /** Cells of the mask's side, 1 where it is masked. */
  mask: { side: number; masked: number[] };
  /** SVG of what each stage is to predict, and predicts, of the same size. */
  stages: { target: string; prediction: string }[];
  /** Side of these in their own units. */
  size: number;
}

/** What the worker tells its page. */
export type Word =
  | { kind: "ready"; rows: RowChoice[] }
  | { kind: "begun"; begun: Begun }
  | { kind: "stepped"; stepped: Stepped }
  | { kind: "looked"; step: number; looked: Looked[] }
  | { kind: "weights"; name: string; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "ended" }
  | { kind: "failed"; message: string };
