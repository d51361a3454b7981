/** What launchers put before a line of a process; the numbers of the first group, where there is one, tell which it is. */
const PREFIXES = [
  /^\[(?:[A-Za-z_]*(\d+))\]:\s?/, // torchrun --tee: [default0]:, PyTorch: [rank0]:
  /^\[(?:rank|process|worker|gpu)[:_ ]? ?(\d+)\]:?\s?/i, // Lightning, and loggers that name the rank
  /^\s*((?:[A-Za-z][\w.-]*?)?\d+): +(?=\S)|^\s*(\d+):(?=\S)/, // srun --label, pdsh and DeepSpeed: worker-1:
  /^\[(\d+(?:,\d+)?)\](?:<std(?:out|err)>:|(?= ))\s?/, // mpirun --tag-output, Horovod; mpiexec -l: [0]
  /^\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\s+/, // Kubernetes and docker --timestamps, loggers
  /^\[\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\]\s?/,
  /^\[\d+:[\d:.]+\]\s(?=\[)/, // MAE's time of day, where a rank may follow
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]+ \d{4}(?=\[)/, // Horovod's time
  /^\[?(?:DEBUG|INFO|WARNING|ERROR)\]?:?\s*(?=\S)/,
  /^([\w.-]*\d)\s*\|\s/, // docker compose
  /^\[pod\/([\w./-]*\d[\w./-]*)\]\s/, // kubectl logs --prefix
];
/** Prefixes that may stand one behind the other: a time, a level, a node, a process of it. */
const MOST_PREFIXES = 6;
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
    rank.push(...((found[1] ?? found[2] ?? "").match(/\d+/g) ?? []).map(Number));
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
