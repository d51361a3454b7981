/** Neighbours that touch, and so move together. */
interface Group {
  centre: number;
  size: number;
}

/**
 * Moves positions apart until neighbours are at least `gap` from each other; what touches moves as a group about its mean, in its
 * order; equal ones in the order in which they are given.
 *
 * @param positions in any order
 * @returns where each of them goes
 */
export function sideBySide(positions: readonly number[], gap: number): number[] {
  const order = positions.map((_, k) => k).sort((a, b) => positions[a] - positions[b]);
  const groups: Group[] = [];
  for (const k of order) {
    let group = { centre: positions[k], size: 1 };
    for (let last = groups.at(-1); last !== undefined && overlap(last, group, gap); last = groups.at(-1)) {
      groups.pop();
      const size = last.size + group.size;
      group = { centre: (last.centre * last.size + group.centre * group.size) / size, size };
    }
    groups.push(group);
  }
  const places = groups.flatMap(({ centre, size }) =>
    Array.from({ length: size }, (_, k) => centre + (k - (size - 1) / 2) * gap)
  );
  const placed = new Array<number>(positions.length);
  order.forEach((k, i) => placed[k] = places[i]);
  return placed;
}

function overlap(above: Group, below: Group, gap: number): boolean {
  return below.centre - above.centre < (above.size + below.size) / 2 * gap;
}
