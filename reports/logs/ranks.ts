/** What launchers put before a line of a process; the first group, where there is one, is its number. */
const PREFIXES = [
  /^\[[A-Za-z_]*(\d+)\]:\s?/, // torchrun --tee: [default0]:, PyTorch: [rank0]:
  /^\[rank: ?(\d+)\]\s?/, // Lightning
  /^\s*(\d+): ?(?=\S)/, // srun --label
  /^\[\d+,(\d+)\]<std(?:out|err)>:\s?/, // mpirun --tag-output
  /^\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\s+(?:std(?:out|err) [FP] )?/, // Kubernetes and docker --timestamps
  /^[\w.-]*?(\d+)\s*\|\s/, // docker compose
  /^\[pod\/[\w./-]*?(\d+)[\w./]*\]\s/, // kubectl logs --prefix
];
/** Prefixes that may stand one behind the other: a time, a node, a process of it. */
const MOST_PREFIXES = 4;
/** Characters that a prefix may take. */
const LONGEST = 200;

/** A line of one process. */
export interface RankedText {
  /** The numbers before the line, the outermost first; empty without any. */
  rank: number[];
  text: string;
}

/** Takes what launchers put before a line off it. */
export function splitRank(line: string): RankedText {
  const rank: number[] = [];
  let text = line;
  for (let k = 0; k < MOST_PREFIXES; k++) {
    const found = PREFIXES.map((prefix) => prefix.exec(text.slice(0, LONGEST))).find((match) => match !== null);
    if (!found) break;
    if (found[1] !== undefined) rank.push(Number(found[1]));
    text = text.slice(found[0].length);
  }
  return { rank, text };
}

/** Orders processes: the first of the first node comes first, lines without a number after those with one. */
export function compareRanks(a: number[], b: number[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  const place = a.findIndex((number, k) => number !== b[k]);
  return place < 0 ? a.length - b.length : a[place] - (b[place] ?? -1);
}
