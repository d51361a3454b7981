// What the code that trains takes from Deno's own modules, in a browser: hashes, and paths that nothing there reads.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** As node:crypto's, of SHA-256. */
export function createHash(name: string) {
  if (name !== "sha256") throw new RangeError(`Cannot hash by ${name}: want sha256`);
  const hash = sha256.create(),
    made = {
      update(data: string | Uint8Array) {
        hash.update(typeof data === "string" ? utf8ToBytes(data) : data);
        return made;
      },
      digest: () => bytesToHex(hash.digest()),
    };
  return made;
}

/** As node:os's; a browser does not tell. */
export const loadavg = (): number[] => [0, 0, 0];
export const hostname = (): string => "browser";
export const cpus = (): unknown[] => [];
export const availableParallelism = (): number => navigator.hardwareConcurrency;

const nothing = (): never => {
  throw new RangeError("Cannot use a file: a browser's tab has none");
};
export const join = nothing;
export const dirname = nothing;
export const basename = nothing;
export const relative = nothing;
export const isAbsolute = nothing;
export const createRequire = nothing;
export const fileURLToPath = nothing;
