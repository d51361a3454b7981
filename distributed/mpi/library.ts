import { UserError } from "../../core/errors.ts";
import type { Family } from "../launch.ts";
import { FORMS, HANDLES, LIBRARIES, THREAD_MULTIPLE, THREAD_SERIALIZED } from "./families.ts";

type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
type Handle = Deno.PointerValue | number;

/** What a message is for: a meeting of all ranks, or to say that one is alive. */
export type MessageKind = "meeting" | "alive";
const TAGS: Record<MessageKind, number> = { meeting: 17, alive: 18 };

/** A message on its way; the buffer has to stay alive until it is done. */
export interface Request {
  handle: Uint8Array<ArrayBuffer>;
  buffer: Float64Array<ArrayBuffer>;
}

/** The functions of an MPI library that a run uses, bound by FFI; all messages go through MPI_COMM_WORLD. */
export interface MpiLibrary {
  readonly family: Family;
  /** File that was loaded. */
  readonly file: string;
  /** E.g. "Open MPI 4.1.4". */
  readonly version: string;
  /**
   * Joins the other processes of the launcher.
   *
   * @returns besides the place among them, whether messages may be exchanged while a sum is under way
   */
  init(): { rank: number; size: number; concurrent: boolean };
  /** Starts to send a message; messages of different kinds do not meet. */
  send(buffer: Float64Array<ArrayBuffer>, to: number, kind: MessageKind): Request;
  receive(buffer: Float64Array<ArrayBuffer>, from: number, kind: MessageKind): Request;
  /** Whether a message has been sent or has come; also lets others make progress. */
  test(request: Request): boolean;
  /** Sum over ranks, in place, on a thread of its own. */
  reduce(values: Floats): Promise<void>;
  /** Rank 0's values to all, in place, on a thread of its own. */
  broadcast(values: Float32Array<ArrayBuffer>): Promise<void>;
  /** Ends all processes of the job. */
  abort(code: number): void;
  finalize(): void;
}

/**
 * Loads an MPI library. Nothing of MPI is loaded or asked for before.
 *
 * @param files names under which the system may know it
 * @throws {UserError} when there is none of this family
 */
export function openMpi(family: Family, files = LIBRARIES[family][Deno.build.os] ?? []): MpiLibrary {
  const failures: string[] = [];
  for (const file of files) {
    try {
      return bind(family, file);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      failures.push(error instanceof Error ? error.message.split("\n")[0] : String(error));
    }
  }
  const found = files.length === 0 ? `no library is known for ${Deno.build.os}` : failures[0];
  throw new UserError(
    `Cannot load ${family}: ${found}; want ${files.join(" or ") || "Linux or macOS"} where the system looks for ` +
      "libraries (on a cluster: module load, or LD_LIBRARY_PATH); one process alone needs none: --distributed none",
  );
}

function bind(family: Family, file: string): MpiLibrary {
  const { handle: H, inPlace, ignoreStatus, request: requestBytes } = FORMS[family], P = "pointer", B = "buffer";
  const I = "i32", statics = family === "Open MPI";
  const { symbols: mpi } = Deno.dlopen(
    file,
    {
      MPI_Init_thread: { parameters: [P, P, I, B], result: I },
      MPI_Get_library_version: { parameters: [B, B], result: I },
      MPI_Comm_rank: { parameters: [H, B], result: I },
      MPI_Comm_size: { parameters: [H, B], result: I },
      MPI_Isend: { parameters: [B, I, H, I, I, H, B], result: I },
      MPI_Irecv: { parameters: [B, I, H, I, I, H, B], result: I },
      MPI_Test: { parameters: [B, B, P], result: I },
      MPI_Allreduce: { parameters: [P, B, I, H, H, H], result: I, nonblocking: true },
      MPI_Bcast: { parameters: [B, I, H, I, H], result: I, nonblocking: true },
      MPI_Abort: { parameters: [H, I], result: I },
      MPI_Finalize: { parameters: [], result: I },
    } as const,
  );
  const handles = statics ? symbolHandles(file) : numberHandles();
  const { world, float, double, sum } = handles as Record<keyof typeof HANDLES, never>;
  const inPlacePointer = Deno.UnsafePointer.create(inPlace), noStatus = Deno.UnsafePointer.create(ignoreStatus);
  const int = () => new Int32Array(new ArrayBuffer(4));
  const start = (
    what: "MPI_Isend" | "MPI_Irecv",
    buffer: Float64Array<ArrayBuffer>,
    peer: number,
    kind: MessageKind,
  ): Request => {
    const handle = new Uint8Array(new ArrayBuffer(requestBytes));
    check(what, mpi[what](bytesOf(buffer), buffer.length, double, peer, TAGS[kind], world, handle));
    return { handle, buffer };
  };
  return {
    family,
    file,
    version: versionOf(mpi.MPI_Get_library_version, family),
    init() {
      const out = int();
      check("MPI_Init_thread", mpi.MPI_Init_thread(null, null, THREAD_MULTIPLE, bytesOf(out)));
      if (out[0] < THREAD_SERIALIZED) {
        throw new UserError(`Cannot use ${file}: its thread level is ${out[0]}, want MPI_THREAD_SERIALIZED (2)`);
      }
      const concurrent = out[0] >= THREAD_MULTIPLE;
      check("MPI_Comm_rank", mpi.MPI_Comm_rank(world, bytesOf(out)));
      const rank = out[0];
      check("MPI_Comm_size", mpi.MPI_Comm_size(world, bytesOf(out)));
      return { rank, size: out[0], concurrent };
    },
    send: (buffer, to, kind) => start("MPI_Isend", buffer, to, kind),
    receive: (buffer, from, kind) => start("MPI_Irecv", buffer, from, kind),
    test({ handle }) {
      const flag = int();
      check("MPI_Test", mpi.MPI_Test(handle, bytesOf(flag), noStatus));
      return flag[0] !== 0;
    },
    async reduce(values) {
      const type = values instanceof Float32Array ? float : double;
      const result = mpi.MPI_Allreduce(inPlacePointer, bytesOf(values), values.length, type, sum, world);
      check("MPI_Allreduce", await result);
    },
    async broadcast(values) {
      check("MPI_Bcast", await mpi.MPI_Bcast(bytesOf(values), values.length, float, 0, world));
    },
    abort: (code) => void mpi.MPI_Abort(world, code),
    finalize: () => check("MPI_Finalize", mpi.MPI_Finalize()),
  };
}

function symbolHandles(file: string): Record<string, Handle> {
  const wanted = Object.entries(HANDLES).map((
    [name, { symbol }],
  ) => [name, { name: symbol, type: "pointer" as const }]);
  // The address of the symbol is what a static of type "pointer" gives, and what mpi.h has as the handle.
  const { symbols } = Deno.dlopen(file, Object.fromEntries(wanted) as Record<string, Deno.ForeignStatic<"pointer">>);
  return symbols as Record<string, Handle>;
}

function numberHandles(): Record<string, Handle> {
  return Object.fromEntries(Object.entries(HANDLES).map(([name, { number }]) => [name, number]));
}

type VersionCall = (text: Uint8Array<ArrayBuffer>, length: Uint8Array<ArrayBuffer>) => number;

/** The library's own name and version, without the rest of what it says of itself. */
function versionOf(call: VersionCall, family: Family): string {
  const MOST = 8192, text = new Uint8Array(new ArrayBuffer(MOST)), length = new Int32Array(new ArrayBuffer(4));
  check("MPI_Get_library_version", call(text, bytesOf(length)));
  const said = new TextDecoder().decode(text.subarray(0, length[0])).replaceAll("\0", "");
  return `${family} ${/\d+(\.\d+)+\S*/.exec(said)?.[0].replace(/[,;]$/, "") ?? said.split("\n")[0].trim()}`;
}

function bytesOf({ buffer, byteOffset, byteLength }: Floats | Int32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function check(what: string, code: number): void {
  if (code !== 0) throw new Error(`${what}: error code ${code}`);
}
