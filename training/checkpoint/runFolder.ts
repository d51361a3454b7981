import { statfs } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { checkOwn, reason } from "../../cli/files.ts";
import { openOwn } from "../../cli/openOwn.ts";
import { UserError } from "../../core/errors.ts";

const LOCK = "lock";
/** Milliseconds between two looks at a lock that another process holds. */
const POLL = 500;
/** Looks at a lock until it counts as held, milliseconds apart: who asks for its holder has it for a moment. */
const LOOKS = 25, LOOK = 10;
/** Names under which `writeWhole` writes; what a killed process leaves of them is worth nothing. */
const TEMPORARY = /\.tmp-\d+-\d+$/;

/** Names of the files that a phase writes. */
const OWN = /^(phase|record|latest)\.json$|^(checkpoint|weights)-\d+\.(json|safetensors)$/;

/** Another process holds a folder. */
class FolderTaken extends UserError {
  constructor(path: string, readonly holder: string) {
    super(`Cannot use run folder ${path}: ${holder} works there, want it ended, --wait, or another --run`);
  }
}

/** A folder that one run writes to; no other process may as long as it is held. */
export class RunFolder {
  private constructor(readonly path: string, readonly lock: Deno.FsFile) {}

  /**
   * Makes the folder if need be and takes it. The lock is the system's, so it ends with the process, however that ends.
   *
   * @throws {UserError} when another process holds it (says which, and since when) or it cannot be written
   */
  static async take(path: string): Promise<RunFolder> {
    let lock: Deno.FsFile | undefined;
    try {
      await Deno.mkdir(path, { recursive: true });
      lock = await openOwn(join(path, LOCK), { read: true });
      if (!await locked(lock)) throw new FolderTaken(path, new TextDecoder().decode(await readAll(lock)).trim());
      const text = `process ${Deno.pid} on ${hostname()}, started ${new Date().toISOString()},`;
      await lock.truncate(0);
      await lock.write(new TextEncoder().encode(`${text}\n`));
      for await (const { name, isFile } of Deno.readDir(path)) {
        if (isFile && TEMPORARY.test(name)) await Deno.remove(join(path, name));
      }
      return new RunFolder(path, lock);
    } catch (error) {
      lock?.close();
      if (error instanceof UserError) throw error;
      throw new UserError(`Cannot use run folder ${path}: ${reason(error)}; want a writable folder in --run`);
    }
  }

  /**
   * Takes the folder as soon as no other process holds it.
   *
   * @param say is told once whom it waits for
   * @throws the signal's reason, if that is set first
   */
  static async takeWhenFree(path: string, signal: AbortSignal, say: (text: string) => void): Promise<RunFolder> {
    for (let waiting = false;; waiting = true) {
      signal.throwIfAborted();
      try {
        return await RunFolder.take(path);
      } catch (error) {
        if (!(error instanceof FolderTaken)) throw error;
        if (!waiting) say(`${error.holder} works in ${path}; this run goes on when that has ended`);
        await new Promise((resolve) => setTimeout(resolve, POLL));
      }
    }
  }

  /** Who holds the folder; nobody where no process does, or where it is not there yet. */
  static async holder(path: string): Promise<string | undefined> {
    let lock: Deno.FsFile;
    try {
      await checkOwn(join(path, LOCK));
      lock = await Deno.open(join(path, LOCK));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof UserError) throw error;
      throw new UserError(`Cannot look into run folder ${path}: ${reason(error)}`);
    }
    try {
      return await lock.tryLock(false) ? undefined : new TextDecoder().decode(await readAll(lock)).trim();
    } finally {
      lock.close();
    }
  }

  /**
   * Makes sure that what a phase writes would replace plain files alone, before hours are spent.
   *
   * @throws {UserError} when a link, a pipe, … has the name of one of its files
   */
  async checkFiles(): Promise<void> {
    for await (const { name, isFile } of Deno.readDir(this.path)) {
      if (!isFile && OWN.test(name)) await checkOwn(join(this.path, name));
    }
  }

  /**
   * Makes sure that so many bytes fit, before hours are spent.
   *
   * @throws {UserError} when they do not
   */
  async checkSpace(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.path), free = bavail * bsize;
    if (free >= bytes) return;
    const text = (n: number) => `${(n / 1e9).toPrecision(3)} GB`;
    throw new UserError(
      `Cannot keep checkpoints in ${this.path}: ${text(free)} are free, want ${
        text(bytes)
      }; --keep and --run change that`,
    );
  }

  /** Gives the folder back. */
  release(): void {
    this.lock.close();
  }
}

/** Takes a lock that no other process has for longer than it takes to ask for it. */
async function locked(lock: Deno.FsFile): Promise<boolean> {
  for (let look = 1; !await lock.tryLock(true); look++) {
    if (look === LOOKS) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  return true;
}

async function readAll(file: Deno.FsFile): Promise<Uint8Array> {
  const bytes = new Uint8Array((await file.stat()).size);
  return bytes.subarray(0, await file.read(bytes) ?? 0);
}
