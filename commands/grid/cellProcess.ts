import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { reason } from "../../cli/files.ts";
import { openOwn } from "../../cli/openOwn.ts";
import { UserError } from "../../core/errors.ts";
import { closingLine } from "./cellLog.ts";

/** A process that works on a cell. */
export interface CellProcess {
  /** Passes a signal on; a process that has ended does not mind. */
  kill(signal: Deno.Signal): void;
  /** Its exit code; 128 and the signal's number when one has killed it. */
  ended: Promise<number>;
}

/** Exit code for a signal that no handler has turned into one. */
const KILLED = 128;

/**
 * Starts a process whose output is appended to a log, with its command before and its exit code behind it.
 *
 * @param args of this program's own Deno
 * @param line is told of every line that it prints on stderr
 * @throws {UserError} when the log cannot be opened
 */
export async function startCell(args: string[], log: string, line: (text: string) => unknown): Promise<CellProcess> {
  let file: Deno.FsFile;
  try {
    await mkdir(dirname(log), { recursive: true });
    file = await openOwn(log, { append: true });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot write ${log}: ${reason(error)}`);
  }
  const encoder = new TextEncoder();
  let isWhole = true;
  // Where the log cannot go on, the process does: its records are what counts.
  const write = (text: string) => {
    try {
      if (isWhole) file.writeSync(encoder.encode(`${text}\n`));
    } catch (error) {
      isWhole = false;
      line(`Cannot write ${log}: ${reason(error)}; it ends here, and the phase goes on`);
    }
  };
  write(`== ${new Date().toISOString()} deno ${args.join(" ")}`);
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  const copy = async (stream: ReadableStream<Uint8Array>, each: (text: string) => unknown) => {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const whole of lines) {
        write(whole);
        each(whole);
      }
    }
    if (rest !== "") write(rest);
  };
  const follow = async () => {
    try {
      await Promise.all([copy(child.stdout, () => {}), copy(child.stderr, line)]);
      const { code, signal } = await child.status, ended = signal === null ? code : Math.max(code, KILLED);
      write(closingLine(ended));
      return ended;
    } finally {
      file.close();
    }
  };
  return {
    kill(signal) {
      try {
        child.kill(signal);
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
      }
    },
    ended: follow(),
  };
}
