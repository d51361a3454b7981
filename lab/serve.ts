import { extname, join, normalize } from "node:path";
import { readWhole } from "../cli/files.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};
/** With these a page may share memory between threads. */
const ISOLATION = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/**
 * What a request for a file of the page is answered.
 *
 * @param folder of the page
 * @param isolated whether the page is cross-origin isolated, without which WebAssembly has one thread
 */
export async function answer(request: Request, folder: string, isolated = true): Promise<Response> {
  const missing = () => new Response("Not found\n", { status: 404 });
  try {
    const path = normalize(decodeURIComponent(new URL(request.url).pathname)),
      name = path === "/" ? "/index.html" : path;
    const type = TYPES[extname(name)];
    if (type === undefined || name.includes("..")) return missing();
    return new Response(await readWhole(join(folder, name)), {
      headers: { "content-type": type, "cache-control": "no-cache", ...(isolated && ISOLATION) },
    });
  } catch {
    return missing();
  }
}
