import { hostname } from "node:os";
import { EXIT_CODES, type InterruptControl, type StopSignal } from "../cli/interrupt.ts";
import { UserError } from "../core/errors.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import { Group } from "./group.ts";
import type { Family, Launch } from "./launch.ts";
import { type MpiLibrary, openMpi } from "./mpi/library.ts";

/** How a process takes part. */
export interface JoinOptions {
  /** "mpi": join, launched or not; "none": do not; absent: join where a launcher has started this process. */
  distributed?: "mpi" | "none";
  /** Seconds after which a rank that does not come is given up. */
  timeout: number;
  interrupt: InterruptControl;
}

/** Milliseconds by which the other ranks let rank 0 report a mistake that is everybody's. */
const AFTER_YOU = 1000;

/** Milliseconds in which launchers pass on what was printed; MPICH's drops what is still on its way when a job is aborted. */
const LAST_WORDS = 200;

/** This process as one of those that a launcher has started, or as the only one. */
export class Job {
  #mpi: MpiLibrary | undefined;
  #group: Group | undefined;
  #ended = false;
  /** Whether this process has decided to have nothing to do with others. */
  #alone = false;

  constructor(readonly launch: Launch | undefined) {}

  /** Whether this is the process that speaks for all. */
  get first(): boolean {
    return (this.#group?.rank ?? this.launch?.rank ?? 0) === 0;
  }

  /**
   * Joins the other ranks. MPI is loaded here and nowhere else.
   *
   * @throws {UserError} when there is no MPI library, or not the launcher's
   */
  async join({ distributed, timeout, interrupt }: JoinOptions): Promise<Ranks> {
    const { launch } = this;
    if (distributed === "none" || (!launch && distributed === undefined)) {
      this.#alone = true;
      return ALONE;
    }
    const mpi = launch ? openMpi(launch.family) : openAny(), place = mpi.init();
    this.#mpi = mpi;
    if (launch && place.size !== launch.size) {
      throw new UserError(
        `Cannot join the ${launch.size} processes of the launcher: ${mpi.version} (${mpi.file}) sees ${place.size}, ` +
          "want the launcher and the library of the same MPI",
      );
    }
    return this.#group = await Group.create(mpi, { ...place, host: hostname(), pid: Deno.pid }, {
      timeout,
      interrupt,
    });
  }

  /**
   * Ends this process's part in good order; or, where that cannot be, the others' too.
   *
   * @param stop the signal by which it was told to stop
   */
  async leave(stop?: StopSignal): Promise<void> {
    if (this.#ended) return;
    if (stop && this.#group?.broken) return this.abort(EXIT_CODES[stop]);
    await this.#group?.leave(stop);
    this.#ended = true;
  }

  /** Ends all ranks at once, where there are others. */
  abort(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#mpi) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WORDS); // also where nothing can be awaited
    this.#mpi.abort(code);
  }

  /** Says what went wrong, and ends all ranks. */
  async fail(error: unknown): Promise<never> {
    const mistake = error instanceof UserError;
    this.#meetToFail();
    if (mistake && !this.first) await new Promise((resolve) => setTimeout(resolve, AFTER_YOU));
    const who = this.#who();
    if (mistake) console.error(`error: ${who}${error.message}`);
    else console.error(...(who ? [`error: ${who}`] : []), error);
    this.abort(1);
    Deno.exit(1);
  }

  /** Makes sure that a rank that ends out of turn takes the others with it; some launchers would let them wait. */
  watch(): void {
    globalThis.addEventListener("unload", () => {
      if (!this.#group || this.#ended) return;
      console.error(`error: ${this.#who()}it ends before the run does`);
      this.abort(1);
    });
    for (const type of ["error", "unhandledrejection"] as const) {
      globalThis.addEventListener(type, (event) => {
        if (!this.#group) return;
        event.preventDefault();
        void this.fail(event instanceof ErrorEvent ? event.error : event.reason);
      });
    }
  }

  /** Ends this process when the one that waits for it has ended. */
  async watchSupervisor(): Promise<void> {
    const buffer = new Uint8Array(1);
    while (await Deno.stdin.read(buffer) !== null);
    await this.fail(new UserError("Cannot go on: the process that supervises this one has ended"));
  }

  /** A launcher may let the others go on when a rank ends before it has joined them; so it joins to end them. */
  #meetToFail(): void {
    if (this.#mpi || this.#ended || this.#alone || !this.launch || this.launch.size === 1) return;
    try {
      const mpi = openMpi(this.launch.family);
      mpi.init();
      this.#mpi = mpi;
    } catch {
      // without MPI there is nobody to end
    }
  }

  #who(): string {
    const rank = this.#group?.rank ?? this.launch?.rank, size = this.#group?.size ?? this.launch?.size ?? 1;
    return rank === undefined || size === 1 ? "" : `rank ${rank} on ${hostname()}: `;
  }
}

/** Whatever MPI there is, for a process that no launcher has started. */
function openAny(): MpiLibrary {
  const families: Family[] = ["Open MPI", "MPICH"], failures: string[] = [];
  for (const family of families) {
    try {
      return openMpi(family);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push(error.message);
    }
  }
  throw new UserError(failures.join("\n"));
}
