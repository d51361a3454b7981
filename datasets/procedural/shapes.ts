/** Distance of a point to a shape's outline, in units of the shape's radius: negative inside, positive outside. */
export type Shape = (x: number, y: number) => number;

const disc: Shape = (x, y) => Math.sqrt(x * x + y * y) - 0.9;

/** A square with a square hole. */
const frame: Shape = (x, y) => Math.abs(Math.max(Math.abs(x), Math.abs(y)) - 0.78) - 0.22;

/** Equilateral, one corner at (0, -1.1). */
const triangle: Shape = (x, y) => Math.max(y, Math.abs(x) * 0.8660254 - y * 0.5) - 0.55;

/** The outlines of the procedural data set, by name. */
export const SHAPES: Readonly<Record<string, Shape>> = { disc, frame, triangle };
