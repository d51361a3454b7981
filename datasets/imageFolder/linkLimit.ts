/** Entries that may be met again through links, whatever else there is; and how many for each other entry. */
const SOME = 20_000, FOR_EACH = 16;

/** Whether links lead to the same entries so often that they must lead round: a few links can name millions. */
export function areTooManyAgain(again: number, others: number): boolean {
  return again > SOME + FOR_EACH * others;
}
