import { GraphLines } from "../engine/onnx/lines.ts";
import type { OnnxGraph } from "../engine/onnx/model.ts";
import { type Piece, ROW } from "../engine/resident/packing.ts";
import type { AdamWOptions } from "./adamw.ts";
import type { SgdOptions } from "./sgd.ts";

/** What is read of a piece: `value`, `moment1`, `moment2`, `gradient`, `sum`. */
export const pieceValue = (what: string, piece: number) => `${what}:${piece}`;
/** What is written of a piece: it lies where the same was read. */
export const written = { name: (name: string) => `new ${name}`, of: (name: string) => name.slice("new ".length) };
/** The tensor of each row of a piece. */
export const OWNER = {
  name: (piece: number) => pieceValue("owner", piece),
  is: (name: string) => name.startsWith("owner:"),
  piece: (name: string) => Number(name.slice("owner:".length)),
};

/** Inputs that say what this step wants of each tensor, [tensors, 1]: factors on its direction, and on its weights. */
export const RATE = "rate", DECAY = "decay";
/** An input of one number that all tensors share, [1]. */
export const NUMBER = "number";

/** Inputs of all updates; a function gives what of each tensor is there for each row of a piece, [rows, 1]. */
function open(pieces: readonly Piece[]) {
  const lines = new GraphLines(), tensors = pieces.reduce((sum, piece) => sum + piece.tensors.length, 0);
  const rate = lines.input(RATE, [tensors, 1]),
    decay = lines.input(DECAY, [tensors, 1]),
    number = lines.input(NUMBER, [1]);
  const owner = pieces.map(({ rows }, k) => lines.input(OWNER.name(k), [rows], "int32"));
  return {
    lines,
    rate,
    decay,
    number,
    byRow: (of: string, k: number) => lines.op("Gather", [of, owner[k]], { axis: 0 }),
  };
}

/** The gradient as a mean, unless it is one already. */
function mean(lines: GraphLines, gradient: string, scale: number): string {
  return scale === 1 ? gradient : lines.op("Mul", [gradient, lines.number(scale)]);
}

/**
 * AdamW on pieces of tensors, in the form and the order of `adamwReference`: 14 kernels a piece, however many tensors it holds.
 * `rate` is alpha, `decay` what is left of the weights, `number` epsilon with the step's bias correction.
 *
 * @param options betas and eps
 * @param pieces how the tensors are laid out
 * @param scale factor on the gradients
 */
export function adamwGraph(
  { betas: [beta1, beta2] }: AdamWOptions,
  pieces: readonly Piece[],
  scale: number,
): OnnxGraph {
  const { lines, rate, decay, number, byRow } = open(pieces);
  pieces.forEach(({ rows }, k) => {
    const shape = [rows, ROW];
    const [value, moment1, moment2, gradient] = ["value", "moment1", "moment2", "gradient"].map((what) =>
      lines.input(pieceValue(what, k), shape)
    );
    const write = (name: string, op: string, inputs: string[]) => lines.output(written.name(name), shape, op, inputs);
    const g = mean(lines, gradient, scale);
    const m = write(moment1, "Add", [lines.op("Mul", [moment1, lines.number(beta1)]), g]);
    const v = write(moment2, "Add", [lines.op("Mul", [moment2, lines.number(beta2)]), lines.op("Mul", [g, g])]);
    const length = lines.op("Add", [lines.op("Sqrt", [v]), number]);
    const step = lines.op("Div", [lines.op("Mul", [m, byRow(rate, k)]), length]);
    write(value, "Sub", [lines.op("Mul", [value, byRow(decay, k)]), step]);
  });
  return lines.graph();
}

/**
 * SGD with momentum on pieces of tensors, in the form and the order of `sgdReference`. `rate` is the learning rate, `decay` the
 * weight decay; `number` has to be 1.
 *
 * @param options momentum, and whether Nesterov's
 * @param pieces how the tensors are laid out
 * @param scale factor on the gradients
 */
export function sgdGraph({ momentum, nesterov }: SgdOptions, pieces: readonly Piece[], scale: number): OnnxGraph {
  const { lines, rate, decay, number, byRow } = open(pieces);
  pieces.forEach(({ rows }, k) => {
    const shape = [rows, ROW];
    const [value, moment1, gradient] = ["value", "moment1", "gradient"].map((what) =>
      lines.input(pieceValue(what, k), shape)
    );
    const write = (name: string, op: string, inputs: string[]) => lines.output(written.name(name), shape, op, inputs);
    const direction = lines.op("Add", [mean(lines, gradient, scale), lines.op("Mul", [value, byRow(decay, k)])]);
    const m = write(moment1, "Add", [lines.op("Mul", [moment1, lines.number(momentum)]), direction]);
    const ahead = nesterov ? lines.op("Add", [direction, lines.op("Mul", [m, lines.number(momentum)])]) : m;
    // Times a 1 that no rewriting of graphs can see: so no kernel reads the buffer that it writes.
    write(value, "Sub", [lines.op("Mul", [value, number]), lines.op("Mul", [ahead, byRow(rate, k)])]);
  });
  return lines.graph();
}

/** Adds the gradients of a pass to those of the passes before; `number` is 0 at the first one, else 1. */
export function sumGraph(pieces: readonly Piece[]): OnnxGraph {
  const lines = new GraphLines(), carry = lines.input(NUMBER, [1]);
  pieces.forEach(({ rows }, k) => {
    const shape = [rows, ROW], sum = lines.input(pieceValue("sum", k), shape);
    const gradient = lines.input(pieceValue("gradient", k), shape);
    lines.output(written.name(sum), shape, "Add", [lines.op("Mul", [sum, carry]), gradient]);
  });
  return lines.graph();
}
