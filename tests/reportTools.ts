/** Runs a test in a folder of its own, which is removed afterwards. */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a script of the repository from its root; gives its exit code and what it printed. */
export async function command(script: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const deno = new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, ...args] });
  const { code, stdout, stderr } = await deno.output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}
