/**
 * A number of things in words: "1 run", "2 runs", "2 classes".
 *
 * @param plural the word for several, where it is not that for one with an s
 */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
