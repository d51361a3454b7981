import { assertEqual } from "./assert.ts";

/**
 * A script of bench/peers, ready to run with a Python that has torch, timm and safetensors; undefined, with a message, where
 * the environment variable VITFREEZE_PEER_PYTHON names none.
 *
 * @param script file name, e.g. "torch_files.py"
 */
export function peerPython(script: string): ((...args: string[]) => Promise<void>) | undefined {
  const python = Deno.env.get("VITFREEZE_PEER_PYTHON");
  if (!python) {
    console.log(`skipped: ${script}: VITFREEZE_PEER_PYTHON names no Python with torch, timm and safetensors`);
    return undefined;
  }
  const path = new URL(`../commands/bench/peers/${script}`, import.meta.url).pathname;
  return async (...args) => {
    const { code, stderr } = await new Deno.Command(python, { args: [path, ...args] }).output();
    assertEqual([code, code === 0 ? "" : new TextDecoder().decode(stderr)], [0, ""]);
  };
}
