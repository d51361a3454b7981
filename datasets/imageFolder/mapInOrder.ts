/**
 * Runs an asynchronous function on every item, several at a time, and yields the results in the items' order.
 *
 * @param ahead how many items are in work at once
 */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  ahead: number,
  run: (item: T, index: number) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  let index = 0;
  for await (const item of items) {
    const result = run(item, index++);
    result.catch(() => {}); // it is awaited below, but perhaps after an earlier one has failed
    running.push(result);
    if (running.length >= ahead) yield await running.shift()!;
  }
  while (running.length > 0) yield await running.shift()!;
}
