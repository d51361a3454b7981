import { printable } from "../../core/printable.ts";
import { fileName, type LeftOut } from "./source.ts";

/** Names that are shown of each reason. */
const SHOWN = 3;

/** "2 hidden (train/.a, …), 1 ending not read (.txt)": how many there are of each reason, the most frequent first. */
export function leftText(left: readonly LeftOut[]): string {
  const groups = [...Map.groupBy(left, ({ reason }) => reason)];
  groups.sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1));
  return groups.map(([reason, own]) => {
    const names = [...new Set(own.map(({ path }) => reason === "ending not read" ? endingOf(path) : path))];
    const shown = names.slice(0, SHOWN).map(printable).join(", ");
    return `${own.length} ${reason} (${shown}${names.length > SHOWN ? ", …" : ""})`;
  }).join(", ");
}

/** ".txt"; the name itself where it has no ending. */
function endingOf(path: string): string {
  return /\.[^.]+$/.exec(fileName(path))?.[0] ?? fileName(path);
}
