/** The largest package, which is there when all are. */
const LARGEST = new URL("../../node_modules/onnxruntime-node", import.meta.url);

/** Says on stderr, where the npm packages are not there yet, that Deno fetches them now. Imports nothing, to be first. */
export function announceDownload(): void {
  try {
    Deno.statSync(LARGEST);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return;
    console.error("first start: Deno fetches the npm packages, once; 490 MB on disk, a minute or more");
  }
}
