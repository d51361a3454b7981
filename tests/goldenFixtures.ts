/**
 * A fixture of ../shared/golden, or undefined, with a message, where that folder is absent.
 *
 * @param name file name, e.g. "pos_embed.safetensors"
 */
export async function goldenFixture(name: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(new URL(`../../shared/golden/${name}`, import.meta.url));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`skipping the tests on ${name}: ../shared/golden does not hold it`);
    return undefined;
  }
}
