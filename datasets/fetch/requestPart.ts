import { reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { forgetState, keepState, type PartState, readState } from "./partState.ts";

/** A download, and how patient it is. */
export interface DownloadOptions {
  url: string;
  /** Where the bytes go; what is there from an earlier try is used when the server says that it still fits. */
  part: string;
  /** More is refused. */
  maxBytes: number;
  signal: AbortSignal;
  /** Milliseconds to wait after the first, second … failure in a row; one more failure ends the download. */
  pauses?: readonly number[];
  /** Milliseconds without a byte after which a connection counts as cut. */
  idle?: number;
  /** Told how many bytes are there, and how many there will be. */
  show?: (done: number, total: number | undefined) => void;
  /** Told in one line about a failure that is tried again. */
  notice?: (line: string) => void;
}

/** Answers of a server that may be better the next time. */
const PASSING = [408, 425, 429];

/**
 * One request: the rest of the file if a part is there and its validator is known, otherwise all of it.
 *
 * @param file the opened part
 * @throws {UserError} when the server refuses or sends too much, or the disk does not take it
 * @throws {Error} when the connection is cut; the part holds what came
 */
export async function requestPart(
  file: Deno.FsFile,
  { url, part, maxBytes, signal, idle, show }: DownloadOptions & { idle: number },
): Promise<void> {
  const { size } = await file.stat(), state = await readState(part);
  const known = size > 0 && state?.url === url ? state : undefined;
  if (known?.total === size) return;
  const timeout = new AbortController();
  const stopped = () => timeout.abort(new Error(`no byte came for ${idle / 1000} s`));
  let timer = setTimeout(stopped, idle);
  const stop = AbortSignal.any([signal, timeout.signal]);
  try {
    const response = await fetch(url, { headers: requestHeaders(size, known), signal: stop });
    const start = await startOf(response, url, part, size, known);
    const total = totalOf(response, start);
    const fits = (bytes: number) => checkSize(file, url, bytes, maxBytes);
    if (total !== undefined) await fits(total);
    await onDisk(part, () => file.truncate(start));
    if (start === 0) await keepState(part, url, response.headers, total); // not before the old bytes are gone
    let done = start;
    await file.seek(start, Deno.SeekMode.Start);
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(stopped, idle);
      await fits(done + chunk.length);
      for (let at = 0; at < chunk.length;) at += await onDisk(part, () => file.write(chunk.subarray(at)));
      done += chunk.length;
      show?.(done, total);
    }
    if (total !== undefined && done < total) throw new Error(`the connection ended after ${done} of ${total} bytes`);
    await onDisk(part, () => file.sync());
  } catch (error) {
    throw timeout.signal.aborted ? timeout.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function requestHeaders(size: number, known: PartState | undefined): HeadersInit {
  const plain = { "accept-encoding": "identity" }; // the archive's own bytes, as the checksum has them
  return known ? { ...plain, range: `bytes=${size}-`, "if-range": known.validator } : plain;
}

/** Where in the file the body begins: at the part's end if the server goes on with it, otherwise at 0. */
async function startOf(response: Response, url: string, part: string, size: number, known?: PartState) {
  const { status, headers } = response;
  if (status === 200) return 0;
  if (status !== 206) await response.body?.cancel();
  if (status === 206 || status === 416) {
    const first = Number(/^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1]), etag = headers.get("etag");
    const isSame = !etag || !known?.validator.startsWith('"') || etag === known.validator;
    if (known && status === 206 && first === size && isSame) return size;
    await forgetState(part);
    await response.body?.cancel().catch(() => {});
    throw new Error("the server does not go on with the part that is there");
  }
  const found = `the server answers ${status} ${response.statusText}`.trimEnd();
  if (status >= 500 || PASSING.includes(status)) throw new Error(found);
  throw new UserError(`Cannot download ${url}: ${found}, want 200 or 206`);
}

/** Bytes of the whole file, where the server says it. */
function totalOf({ status, headers }: Response, start: number): number | undefined {
  const text = status === 206
    ? /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1]
    : headers.get("content-length") ?? undefined;
  const total = Number(text);
  return Number.isSafeInteger(total) && total > 0 && total >= start ? total : undefined;
}

/** Empties a part that can never become right. */
async function checkSize(part: Deno.FsFile, url: string, size: number, maxBytes: number): Promise<void> {
  if (size <= maxBytes) return;
  await part.truncate(0);
  throw new UserError(`Cannot download ${url}: it has ${size} bytes or more, want at most ${maxBytes}`);
}

/** Runs something that writes to the disk, and says in one line why that failed. */
async function onDisk<T>(part: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new UserError(`Cannot write ${part}: ${reason(error)}`);
  }
}
