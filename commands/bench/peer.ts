import { fileURLToPath } from "node:url";
import { reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { z } from "zod";
import type { Contestant, Repetition } from "./race.ts";

const SCRIPT = fileURLToPath(new URL("peers/serve.py", import.meta.url));
/** A peer that waits must leave the cores alone: no thread of it may spin. */
const QUIET = { OMP_WAIT_POLICY: "passive", GOMP_SPINCOUNT: "0", KMP_BLOCKTIME: "0", PYTHONDONTWRITEBYTECODE: "1" };

const readySchema = z.object({
  ready: z.literal(true),
  torch: z.string(),
  threads: z.int(),
  gflops: z.number(),
  bf16: z.boolean().default(false),
});
const repetitionSchema = z.object({ seconds: z.number(), parts: z.record(z.string(), z.number()).default({}) });
const memorySchema = z.object({ peakBytes: z.number() });
const errorSchema = z.object({ error: z.string() });

/** How a peer is started. */
export interface PeerCommand {
  python: string;
  threads: number;
  batch: number;
  /** The program that answers; our PyTorch peers unless a test brings its own. */
  script?: string;
}

/** A Python process that stays, and does one repetition whenever it is told to. */
export class Peer {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  #facts: { torch: string; threads: number; gflops: number } = { torch: "", threads: 0, gflops: 0 };
  /** Whether its processor multiplies bfloat16 itself. */
  hasBf16 = false;

  private constructor(readonly python: string, readonly child: Deno.ChildProcess) {
    this.#writer = child.stdin.getWriter();
    this.#lines = linesOf(child.stdout);
  }

  /**
   * Starts the process and waits until it is ready.
   *
   * @throws {UserError} when there is no such Python, or it has no torch
   */
  static async start({ python, threads, batch, script = SCRIPT }: PeerCommand): Promise<Peer> {
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(python, {
        args: [script, String(threads), String(batch)],
        env: QUIET,
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
    } catch (error) {
      throw new UserError(`Cannot start --peer-python ${python}: ${reason(error)}, want a Python with torch`);
    }
    const peer = new Peer(python, child);
    try {
      const { torch, threads, gflops, bf16 } = await peer.#answer(readySchema, "its start");
      peer.#facts = { torch, threads, gflops };
      peer.hasBf16 = bf16;
    } catch (error) {
      await peer.stop();
      throw error;
    }
    return peer;
  }

  /** Version of torch, its threads, and GFLOP/s of its product [1568, 768] x [768, 3072]. */
  get facts(): { torch: string; threads: number; gflops: number } {
    return this.#facts;
  }

  /**
   * One repetition of a named peer.
   *
   * @throws {UserError} when the process ended or does not know the name
   */
  async run(name: string): Promise<Repetition> {
    await this.#say(`run ${name}`);
    return await this.#answer(repetitionSchema, `run ${name}`);
  }

  /** Peak memory of the process so far, in bytes. */
  async peakBytes(): Promise<number> {
    await this.#say("memory");
    return (await this.#answer(memorySchema, "memory")).peakBytes;
  }

  /** A named peer as something to be timed in turn with others. */
  contestant(run: string, name: string): Contestant {
    return { name, once: () => this.run(run) };
  }

  /** Ends the process and waits for its end. */
  async stop(): Promise<void> {
    await this.#writer.close().catch(() => {}); // the process may have ended already
    try {
      this.child.kill("SIGTERM");
    } catch {
      // it has ended
    }
    await this.#lines.return(undefined);
    await this.child.status;
  }

  async #say(line: string): Promise<void> {
    try {
      await this.#writer.write(new TextEncoder().encode(`${line}\n`));
    } catch {
      throw this.#failed(line, "it has ended");
    }
  }

  async #answer<T>(schema: z.ZodType<T>, line: string): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw this.#failed(line, "it has ended");
    const parsed = parsedLine(value);
    const answer = schema.safeParse(parsed), error = errorSchema.safeParse(parsed);
    if (answer.success) return answer.data;
    throw this.#failed(line, error.success ? error.data.error : `'${value.slice(0, 60)}'`);
  }

  #failed(line: string, found: string): UserError {
    return new UserError(`Cannot use --peer-python ${this.python} for ${line}: ${found}, want a Python with torch`);
  }
}

function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
