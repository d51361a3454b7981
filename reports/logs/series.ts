const COLUMNS = ["from", "to", "lr", "loss", "stepSeconds"] as const;

/** What one progress line says of the iterations that it averages. */
export interface SeriesPoint {
  /** Where they begin and end, as fractional epochs. */
  from: number;
  to: number;
  /** NaN where the line has none. */
  lr: number;
  loss: number;
  /** Seconds per iteration inside the steps: waiting for data excluded. */
  stepSeconds: number;
}

/** The points of a run by column, in their order. */
export type SeriesData = Record<keyof SeriesPoint, number[]>;

/** A series of bounded size that points are appended to. */
export interface Series {
  push(point: SeriesPoint): void;
  /** A copy of the points that end at `epoch` or before; of all without it. */
  upTo(epoch?: number): SeriesData;
  /** A copy with all places some epochs later. */
  moved(by: number): Series;
}

/** Points that are kept: 500 epochs of 250 lines. */
const SERIES_CAPACITY = 131072;

/**
 * Makes a series. When it is full every second point is dropped, and from then on only every second one is taken, so that
 * it always covers the whole run evenly.
 *
 * @param start points that come before; they are copied
 */
export function createSeries(start?: SeriesData, capacity = SERIES_CAPACITY): Series {
  let columns = mapColumns((name) => start?.[name].slice() ?? []);
  let stride = 1, skipped = 0;
  return {
    push(point) {
      if (++skipped < stride) return;
      skipped = 0;
      for (const name of COLUMNS) columns[name].push(point[name]);
      if (columns.to.length < capacity) return;
      columns = mapColumns((name) => columns[name].filter((_, k) => k % 2 === 1));
      stride *= 2;
    },
    upTo(epoch = Infinity) {
      const count = columns.to.filter((to) => to <= epoch).length;
      return mapColumns((name) => columns[name].slice(0, count));
    },
    moved(by) {
      const later = (name: keyof SeriesPoint) => name === "from" || name === "to" ? by : 0;
      return createSeries(mapColumns((name) => columns[name].map((value) => value + later(name))), capacity);
    },
  };
}

function mapColumns(column: (name: keyof SeriesPoint) => number[]): SeriesData {
  const [from, to, lr, loss, stepSeconds] = COLUMNS.map(column);
  return { from, to, lr, loss, stepSeconds };
}
