import { listed as firstListed } from "../core/listed.ts";
import type { Estimate } from "./judging/statistics.ts";

/** A number with a fixed count of decimals; a rounded zero has no sign. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** As `fixed`, with a plus sign before positive numbers. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return Number(text) > 0 ? `+${text}` : text;
}

/** "83.10 ± 0.12", or "83.10" where there is no interval. */
export function estimated(estimate: Pick<Estimate, "mean" | "half">, decimals: number, sign = false): string {
  const mean = (sign ? signed : fixed)(estimate.mean, decimals);
  return estimate.half === null ? mean : `${mean} ± ${fixed(estimate.half, decimals)}`;
}

/** A whole number with commas between thousands. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "a", "a and b", "a, b and c". */
export function listed(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Words beyond which a list is cut. */
const LISTED_WHOLE = 6;

/** As `listed`; of many words the first few: "36 rows: a, b, c and 33 more". */
export function listedRows(labels: string[]): string {
  return labels.length > LISTED_WHOLE ? `${labels.length} rows: ${firstListed(labels, 3)}` : listed(labels);
}

export { counted } from "../core/counted.ts";
