import { join } from "node:path";
import { exists, openPlain } from "../../cli/files.ts";
import type { GridFolders } from "./folders.ts";
import type { Cell } from "./plan.ts";

/** What the last line of a log says once its process has ended; the script of a job array writes the same. */
const ENDED = /^== exit code (\d+)$/;
/** Bytes from the log's end that are looked at. */
const TAIL = 4096;

/** The log of a cell: all its processes one after another. */
export function logPath({ grid }: Pick<GridFolders, "grid">, { name }: Pick<Cell, "name">): string {
  return join(grid, "logs", `${name}.log`);
}

/** The line that closes the log of a process. */
export function closingLine(code: number): string {
  return `== exit code ${code}`;
}

/** The last lines that processes printed to a log; and how the last one ended, unless it could not say that any more. */
export async function logEnd(path: string, lines: number): Promise<{ last: string[]; code?: number }> {
  if (!await exists(path)) return { last: [] };
  using file = await openPlain(path);
  const { size } = await file.stat(), bytes = new Uint8Array(Math.min(size, TAIL));
  await file.seek(size - bytes.length, Deno.SeekMode.Start);
  const read = await file.read(bytes) ?? 0;
  const plain = (line: string) => !line.startsWith("== ");
  const all = new TextDecoder().decode(bytes.subarray(0, read)).trimEnd().split("\n");
  const [, code] = ENDED.exec(all.at(-1)!) ?? [];
  if (code === undefined) return { last: all.filter(plain).slice(-lines) };
  return { last: all.filter(plain).slice(-lines), code: Number(code) };
}
