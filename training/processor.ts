import { cpus } from "node:os";

/**
 * The processor: its name, and of what kind it is. Virtual machines give processors of different kinds one name, and kernels
 * are chosen by the instruction set of the kind. Without `lscpu`, or the right to start it, the name alone.
 */
export function processor(): string {
  const name = cpus()[0]?.model.trim() || "unknown", kind = processorKind(lscpu());
  return kind === "" ? name : `${name} (${kind})`;
}

/** What tells kinds apart, by lscpu's words for it. */
const PARTS = { "CPU family": "family", "Model": "model", "Stepping": "stepping" };

/**
 * The kind of a processor: "family 25, model 1, stepping 1".
 *
 * @param text what lscpu prints
 * @returns "" where it tells nothing of it
 */
export function processorKind(text: string): string {
  const lines = new Map(
    text.split("\n").map((line) => {
      const [label, ...value] = line.split(":");
      return [label.trim(), value.join(":").trim()] as const;
    }),
  );
  return Object.entries(PARTS).flatMap(([label, word]) => {
    const value = lines.get(label);
    return value ? [`${word} ${value}`] : [];
  }).join(", ");
}

function lscpu(): string {
  try {
    const { success, stdout } = new Deno.Command("lscpu", { env: { LC_ALL: "C" }, stdin: "null", stderr: "null" })
      .outputSync();
    return success ? new TextDecoder().decode(stdout) : "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return "";
    throw error;
  }
}
