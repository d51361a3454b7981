import { UserError } from "../../core/errors.ts";
import { ownEntry } from "./entries.ts";
import type { Entry } from "./model.ts";
import type { Peer } from "./peer.ts";

/**
 * Peak memory of a process that does nothing but train, beside that of peers that have done nothing else so far; nothing
 * where the system does not tell it.
 *
 * @param script prints the peak in bytes
 * @param names of the peers, as in a table
 */
export async function peakEntries(
  name: string,
  script: string,
  args: string[],
  peers: Peer[],
  names: string[],
): Promise<Entry[]> {
  if (Deno.build.os !== "linux") return [];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, ...args],
  }).output();
  const bytes = Number(new TextDecoder().decode(stdout));
  if (code !== 0 || !(bytes > 0)) {
    const found = new TextDecoder().decode(stderr).trim().split("\n")[0] || `exit code ${code}`;
    throw new UserError(`Cannot measure the memory of a step: ${found}, want a process that trains`);
  }
  const entry = ownEntry(name, "bytes", [bytes]);
  if (peers.length === 0) return [entry];
  return await Promise.all(peers.map(async (peer, k) => {
    const peak = await peer.peakBytes();
    const other = { name: names[k], median: peak, min: peak, max: peak, n: 1 };
    return { ...entry, peer: other, ratio: peak / bytes };
  }));
}
