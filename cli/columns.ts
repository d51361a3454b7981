/** Characters in a line where no terminal says, and of a terminal that does not tell its width. */
const ELSEWHERE = 100, USUAL = 80;

/** Characters in a line of the terminal; 0 where it does not tell, or was closed. */
export function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}

/** Characters in a line of what stdout goes to: the terminal's, or those of a file. */
export function columnsOfOutput(): number {
  return Deno.stdout.isTerminal() ? terminalColumns() || USUAL : ELSEWHERE;
}

/** Words of a text in lines of at most so many characters; a longer word has a line of its own. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A text whose lines are not longer than the terminal's, where stdout is one; what goes elsewhere is left as it is. */
export function fitted(text: string, columns = Deno.stdout.isTerminal() ? columnsOfOutput() : Infinity): string {
  return text.split("\n").flatMap((line) => {
    if (line.length <= columns) return [line];
    const [first, ...rest] = wrapped(line.trimStart(), columns - 4), indent = line.slice(0, -line.trimStart().length);
    return [indent + first, ...rest.map((each) => `${indent}  ${each}`)];
  }).join("\n");
}

/** A text of at most so many characters: the end of a longer one is left out, and "…" stands for it. */
export function shortened(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1).trimEnd()}…`;
}
