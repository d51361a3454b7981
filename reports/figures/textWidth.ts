/** Widths of DejaVu Sans in thousandths of the font size, by the first class that holds the character. */
const CLASSES: [RegExp, number][] = [
  [/[ijl|'.,:;]/, 310],
  [/[ f()t]/, 370],
  [/[r\-/]/, 400],
  [/[mMWw%@×▲▼]/, 900],
  [/[A-Z0-9+=~]/, 670],
];
const OTHERS = 610;

/** About how wide a text in DejaVu Sans is, in pixels; other fonts of the figures' list are narrower. */
export function textWidth(text: string, size: number): number {
  const width = (character: string) => CLASSES.find(([members]) => members.test(character))?.[1] ?? OTHERS;
  return [...text].reduce((sum, character) => sum + width(character), 0) * size / 1000;
}
