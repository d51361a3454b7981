/** SIGHUP's number, SIG_IGN, and the room of the largest `struct sigaction`, whose first member is the handler. */
const SIGHUP = 1, SIG_IGN = 1n, SIGACTION_BYTES = 256;
/** The C library by platform. */
const LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = { linux: "libc.so.6", darwin: "libSystem.B.dylib" };

/**
 * Whether the end of a terminal is to stop this process: not where it was told to ignore that, as by `nohup`. Who listens to
 * the signal would undo it, so this is asked before.
 *
 * Only the C library knows; where that cannot be asked (the right to load libraries is missing), a process with a terminal
 * heeds it.
 */
export function heedsHangUp(): boolean {
  if (Deno.build.os === "windows") return false;
  const library = LIBRARIES[Deno.build.os];
  if (library === undefined || Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    return Deno.stderr.isTerminal();
  }
  try {
    const libc = Deno.dlopen(library, { sigaction: { parameters: ["i32", "pointer", "buffer"], result: "i32" } });
    const found = new Uint8Array(SIGACTION_BYTES), failed = libc.symbols.sigaction(SIGHUP, null, found) !== 0;
    libc.close();
    return failed ? Deno.stderr.isTerminal() : new DataView(found.buffer).getBigUint64(0, true) !== SIG_IGN;
  } catch {
    return Deno.stderr.isTerminal(); // another C library
  }
}
