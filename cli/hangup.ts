/** Number of the signal that a terminal sends when it is closed, and what stands for "ignored" in place of a handler. */
const SIGHUP = 1, SIG_IGN = 1n;
/** The C library by operating system. */
const LIBRARY: Partial<Record<typeof Deno.build.os, string>> = { linux: "libc.so.6", darwin: "libSystem.B.dylib" };
/** Bytes that suffice for a `struct sigaction`; the handler comes first. */
const ROOM = 512;

/**
 * Whether this process was begun with SIGHUP ignored, as `nohup` does it: then it shall go on when its terminal is closed.
 * A listener takes the place of that, so it is asked before there is one. False where FFI is not allowed or there is no
 * such library.
 */
export function hangupIsIgnored(): boolean {
  const library = LIBRARY[Deno.build.os];
  if (library === undefined || Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return false;
  try {
    const opened = Deno.dlopen(library, {
      sigaction: { parameters: ["i32", "pointer", "buffer"], result: "i32" },
    });
    const action = new BigUint64Array(ROOM / 8), failed = opened.symbols.sigaction(SIGHUP, null, action) !== 0;
    opened.close();
    return !failed && action[0] === SIG_IGN;
  } catch {
    return false; // another C library
  }
}
