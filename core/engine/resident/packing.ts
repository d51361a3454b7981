import { type ParameterSpec, sizeOf } from "../program.ts";

/** Floats of a row: tensors begin at whole rows, so what is said of a tensor can be said of its rows. */
export const ROW = 16;
/** Rows of a piece, unless a tensor is larger: 16 MiB. */
const PIECE_ROWS = 1 << 18;

/** A tensor's place in its piece. */
export interface PackedTensor {
  name: string;
  shape: number[];
  /** Numbers that it has; the rest of its last row is zero. */
  floats: number;
  /** Its first row. */
  row: number;
  rows: number;
}

/** Some tensors behind each other in one buffer of `rows` rows. */
export interface Piece {
  tensors: PackedTensor[];
  rows: number;
}

/**
 * Lays tensors out in pieces, in their order: few buffers, so that an optimiser's step is a few kernels and not a few for each
 * tensor, but none that a device would refuse, or of which an update would make a dozen copies of hundreds of megabytes.
 *
 * @param specs the tensors
 * @param limit rows of a piece; a tensor that has more is a piece of its own
 */
export function pack(specs: readonly ParameterSpec[], limit = PIECE_ROWS): Piece[] {
  const pieces: Piece[] = [];
  for (const { name, shape } of specs) {
    const floats = sizeOf(shape), rows = Math.ceil(floats / ROW), last = pieces.at(-1);
    const piece = last && last.rows + rows <= limit ? last : { tensors: [], rows: 0 };
    if (piece !== last) pieces.push(piece);
    piece.tensors.push({ name, shape: [...shape], floats, row: piece.rows, rows });
    piece.rows += rows;
  }
  return pieces;
}

/** For each row of all pieces, the number of its tensor among all tensors. */
export function owners(pieces: readonly Piece[]): Int32Array<ArrayBuffer>[] {
  let tensor = 0;
  return pieces.map(({ tensors, rows }) => {
    const owner = new Int32Array(rows);
    for (const { row, rows: own } of tensors) owner.fill(tensor++, row, row + own);
    return owner;
  });
}

/** A piece's tensors behind each other, each from its own row on. */
export function gather({ tensors, rows }: Piece, from: (name: string) => Float32Array): Float32Array<ArrayBuffer> {
  const all = new Float32Array(rows * ROW);
  for (const { name, row } of tensors) all.set(from(name), row * ROW);
  return all;
}

/** The opposite: each tensor's numbers out of those of its piece. */
export function scatter({ tensors }: Piece, all: Float32Array, to: (name: string) => Float32Array): void {
  for (const { name, row, floats } of tensors) to(name).set(all.subarray(row * ROW, row * ROW + floats));
}
