/** What a test of a promise has shown. */
export interface Shown {
  /** The promise, one sentence. */
  promise: string;
  /** How it was tested. */
  how: string;
  /** How often, with its unit, e.g. "100 kills". */
  count: string;
}

/** Variables that tell the tests of promises how much to do, and where to write down what they have shown. */
export const COUNTS = { kills: "RELIABILITY_KILLS", out: "RELIABILITY_OUT" };

/** How often something is done: what the environment says, or the small number that suits every run of the tests. */
export function countFrom(variable: string, usual: number): number {
  return Number(Deno.env.get(variable) ?? usual);
}

/** Writes down what was shown, for docs/RELIABILITY.md; nothing unless asked. Called last, so that a failed test shows nothing. */
export async function record(name: string, shown: Shown): Promise<void> {
  const folder = Deno.env.get(COUNTS.out);
  if (folder) await Deno.writeTextFile(`${folder}/${name}.json`, JSON.stringify(shown));
}
