/** What a piece of work asks of a machine. */
export interface Cost {
  /** Floating-point operations of matrix products by kind: linear layers and their input gradients. */
  linear: number;
  /** The products that make the gradients of linear layers' weights; tall operands, a small result. */
  weightGradient: number;
  /** Attention's scores and mixing and their gradients: many small products. */
  attention: number;
  /** Bytes that elementwise operators read and write; a matrix product's own operands are left to its rate. */
  bytes: number;
}

/** Bytes of a value in single precision. */
export const VALUE = 4;

/** No work. */
export const NOTHING: Readonly<Cost> = { linear: 0, weightGradient: 0, attention: 0, bytes: 0 };

/** A cost from what it holds; the rest is 0. */
export function cost(parts: Partial<Cost>): Cost {
  return { ...NOTHING, ...parts };
}

/** All of the work together. */
export function sumCosts(costs: readonly Cost[]): Cost {
  return costs.reduce<Cost>((sum, each) => ({
    linear: sum.linear + each.linear,
    weightGradient: sum.weightGradient + each.weightGradient,
    attention: sum.attention + each.attention,
    bytes: sum.bytes + each.bytes,
  }), { ...NOTHING });
}

/** The same work a number of times. */
export function times(count: number, { linear, weightGradient, attention, bytes }: Cost): Cost {
  return {
    linear: count * linear,
    weightGradient: count * weightGradient,
    attention: count * attention,
    bytes: count * bytes,
  };
}

/** Floating-point operations of all matrix products. */
export function flopsOf({ linear, weightGradient, attention }: Cost): number {
  return linear + weightGradient + attention;
}

/** Floating-point operations of a matrix product [rows, from] x [from, to]; a multiplication and an addition are two. */
export function product(rows: number, from: number, to: number): number {
  return 2 * rows * from * to;
}
