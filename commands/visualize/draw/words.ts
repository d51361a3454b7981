import { textWidth } from "../../../reports/figures/textWidth.ts";

/** Breaks a text into lines that fit. */
export function wrap(words: string, font: number, room: number): string[] {
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = lines[lines.length - 1] === "" ? word : `${lines[lines.length - 1]} ${word}`;
    if (textWidth(longer, font) <= room || lines[lines.length - 1] === "") lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Bold letters are wider by about this much. */
const BOLD = 1.15;

/** A bold line, cut short where it does not fit. */
export function cutBold(words: string, font: number, room: number): string {
  const fits = (text: string) => textWidth(text, font) * BOLD <= room;
  if (fits(words)) return words;
  const letters = [...words];
  while (letters.length > 0 && !fits(`${letters.join("")}…`)) letters.pop();
  return `${letters.join("")}…`;
}
