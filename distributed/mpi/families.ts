import type { Family } from "../launch.ts";

/** Names under which the libraries of a family are found, the likeliest first. */
export const LIBRARIES: Record<Family, Record<string, string[]>> = {
  "Open MPI": {
    linux: ["libmpi.so.40", "libmpi.so.80", "libmpi.so.20"],
    darwin: ["libmpi.40.dylib", "libmpi.dylib"],
  },
  MPICH: {
    linux: ["libmpich.so.12", "libmpi.so.12", "libmpich.so"],
    darwin: ["libmpi.12.dylib", "libpmpi.12.dylib", "libmpich.12.dylib"],
  },
};

/** What differs between the families in mpi.h. */
export interface Form {
  /** FFI type of a communicator, a data type, an operation. */
  handle: "pointer" | "i32";
  /** Bytes of an MPI_Request. */
  request: 4 | 8;
  /** Value of MPI_IN_PLACE. */
  inPlace: bigint;
  /** Value of MPI_STATUS_IGNORE. */
  ignoreStatus: bigint;
}

export const FORMS: Record<Family, Form> = {
  "Open MPI": { handle: "pointer", request: 8, inPlace: 1n, ignoreStatus: 0n },
  MPICH: { handle: "i32", request: 4, inPlace: 0xffff_ffff_ffff_ffffn, ignoreStatus: 1n },
};

/** Handles that are used: data symbols of Open MPI, whose address is the handle; numbers of MPICH's ABI. */
export const HANDLES = {
  world: { symbol: "ompi_mpi_comm_world", number: 0x44000000 },
  float: { symbol: "ompi_mpi_float", number: 0x4c00040a },
  double: { symbol: "ompi_mpi_double", number: 0x4c00080b },
  sum: { symbol: "ompi_mpi_op_sum", number: 0x58000003 },
} as const;

/** Threads may call MPI, one at a time; or several at once. */
export const THREAD_SERIALIZED = 2, THREAD_MULTIPLE = 3;
