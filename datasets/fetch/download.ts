import { dirname } from "node:path";
import { reason } from "../../cli/files.ts";
import { unlessAborted } from "../../cli/interrupt.ts";
import { openOwn } from "../../cli/openOwn.ts";
import { UserError } from "../../core/errors.ts";
import { forgetState } from "./partState.ts";
import { type DownloadOptions, requestPart } from "./requestPart.ts";

const PAUSES = [1000, 2000, 4000, 8000, 16000], IDLE = 60_000;

/**
 * Downloads a file to `part`. A cut connection is taken up where it ended; a server that cannot do that, or whose file
 * has changed, sends all of it.
 *
 * @throws {UserError} when the server refuses, fails again and again, or sends too much
 * @throws the signal's reason when it is aborted; the part stays
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { part } = options;
  using file = await openPart(part);
  try {
    await requestAll(file, options);
  } catch (error) {
    const { size } = await file.stat();
    if (size === 0) { // there is nothing to go on with
      await Deno.remove(part).catch(() => {});
      await forgetState(part);
    }
    throw error;
  }
}

/** Requests parts until all is there. */
async function requestAll(file: Deno.FsFile, options: DownloadOptions): Promise<void> {
  const { url, part, signal, pauses = PAUSES, idle = IDLE, notice = () => {} } = options;
  let failures = 0, furthest = 0;
  while (true) {
    try {
      return await requestPart(file, { ...options, idle });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof UserError) throw error;
      const { size } = await file.stat();
      if (size > furthest) failures = 0; // it went on: a poor connection, not a broken one
      furthest = Math.max(furthest, size);
      const pause = pauses[failures++];
      if (pause === undefined) {
        const kept = size > 0 ? `; ${size} bytes are kept in ${part}` : "";
        throw new UserError(`Cannot download ${url}: ${failure(error)}${kept}`);
      }
      notice(`${failure(error)}; trying again in ${pause / 1000} s`);
      await waitFor(pause, signal);
    }
  }
}

/** Waits, and takes no timer along when it is aborted. */
async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>(), timer = setTimeout(over.resolve, milliseconds);
  try {
    await unlessAborted(signal, over.promise);
  } finally {
    clearTimeout(timer);
  }
}

/** Opens the part for one writer at a time. */
async function openPart(part: string): Promise<Deno.FsFile> {
  let file: Deno.FsFile;
  try {
    await Deno.mkdir(dirname(part), { recursive: true });
    file = await openOwn(part, { read: true });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot write ${part}: ${reason(error)}`);
  }
  if (await file.tryLock(true)) return file;
  file.close();
  throw new UserError(`Cannot write ${part}: another download is writing to it`);
}

/** What went wrong, without the address that the line names anyway. */
function failure(error: unknown): string {
  const innermost = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason(innermost).replace(/^error sending request.* for url \([^)]*\): (?:client error \(\w+\): )?/, "");
}
