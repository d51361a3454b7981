import { createGunzip } from "node:zlib";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";

/** The gzip stream of a log ends early or is damaged; all that was read before it is sound. */
export class BrokenStream extends Error {
  override name = "BrokenStream";
}

/** Bytes that are read at once. */
const CHUNK = 65536;
/** Compressed bytes that are decompressed at once: at most 4 MB come out of them. */
const PIECE = 4096;
/** Bytes at the beginning that are searched for NUL; what a crash left behind may end with some. */
const SEARCHED = 65536;

/**
 * The bytes of a log in chunks, in UTF-8, decompressed where the file begins like gzip, whatever its name.
 *
 * @throws {UserError} when the file is missing, a folder, empty, unreadable or no text
 * @throws {BrokenStream} when its gzip stream is cut off or damaged, after all bytes before the break
 */
export async function* logBytes(path: string): AsyncGenerator<Uint8Array> {
  const source = fileChunks(path);
  const first = await source.next();
  const bytes = first.done ? source : chain(first.value, source);
  let seen = 0;
  for await (const chunk of asUtf8(!first.done && isGzip(first.value) ? gunzip(bytes) : bytes)) {
    const nul = chunk.subarray(0, Math.max(0, SEARCHED - seen)).indexOf(0);
    if (nul >= 0) {
      throw new UserError(
        `Cannot read ${path}: byte ${seen + nul} is 0, want the text of a training log, plain or gzip`,
      );
    }
    seen += chunk.length;
    yield chunk;
  }
  if (seen === 0) throw new UserError(`Cannot read ${path}: it is empty, want a training log`);
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const fail = (why: string) => new UserError(`Cannot read ${path}: ${why}, want a training log`);
  try {
    if ((await Deno.stat(path)).isDirectory) throw fail("it is a folder");
    using file = await openPlain(path);
    while (true) {
      const chunk = new Uint8Array(CHUNK), length = await file.read(chunk);
      if (length === null) return;
      yield chunk.subarray(0, length);
    }
  } catch (error) {
    throw error instanceof UserError ? error : fail(reason(error));
  }
}

async function* chain(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/** The text of a file that begins with the mark of UTF-16, as Windows' shells write it, in UTF-8; any other as it is. */
async function* asUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: TextDecoder | null | undefined;
  const encoder = new TextEncoder();
  for await (const chunk of chunks) {
    if (decoder === undefined) {
      const mark = chunk[0] << 8 | chunk[1];
      decoder = mark === 0xfffe ? new TextDecoder("utf-16le") : mark === 0xfeff ? new TextDecoder("utf-16be") : null;
    }
    yield decoder ? encoder.encode(decoder.decode(chunk, { stream: true })) : chunk;
  }
}

function isGzip(beginning: Uint8Array): boolean {
  return beginning[0] === 0x1f && beginning[1] === 0x8b;
}

/** Decompresses bit by bit, so that all bytes before a break come out whatever the timing. */
async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip(), unzipped: Uint8Array[] = [];
  let failure: Error | undefined, ended = false, resume = () => {};
  stream.on("data", (chunk: Uint8Array) => unzipped.push(chunk));
  stream.on("error", (error) => {
    failure ??= error;
    resume();
  });
  // What stands behind the stream's end is passed over, as gzip does; the end then comes before the write is done.
  stream.once("end", () => {
    ended = true;
    resume();
  });
  const settled = (start: (done: () => void) => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    resume = resolve;
    // A stream that has failed or ended in the meantime answers no more.
    if (failure || ended) resolve();
    else start(resolve);
    return promise;
  };
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        await settled((done) => stream.write(chunk.subarray(at, at + PIECE), () => done()));
        yield* unzipped.splice(0);
        if (failure) throw broken(failure);
      }
    }
    await settled(() => stream.end());
    yield* unzipped;
    if (failure) throw broken(failure);
  } finally {
    stream.destroy();
  }
}

function broken(error: Error): BrokenStream {
  return new BrokenStream("code" in error && error.code === "Z_BUF_ERROR" ? "is cut off" : "is damaged");
}
