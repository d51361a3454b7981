import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const RUN = "--allow-run";
/** Programs that are asked what a record says of checkout and machine. */
const ASKED = ["git", "lscpu"];

/** What `deno task` would run. */
export interface Task {
  /** Flags of `deno run`. */
  permissions: string[];
  /** Path of the script. */
  script: string;
}

/**
 * Reads a task of deno.json. The right to start programs is left out, but for those that are asked for facts: a task has it to
 * supervise or schedule processes, which are started with what is returned here.
 *
 * @param text what stands in deno.json
 */
export function parseTask(text: string): Task {
  const words = (text.match(/"[^"]*"|\S+/g) ?? []).slice(2).map((word) => word.replaceAll('"', ""));
  const script = words.findIndex((word) => word.endsWith(".ts"));
  return {
    permissions: words.slice(0, script).flatMap((word) => {
      if (!word.startsWith(RUN)) return [word];
      const kept = word.slice(RUN.length + 1).split(",").filter((program) => ASKED.includes(program));
      return kept.length > 0 ? [`${RUN}=${kept.join(",")}`] : [];
    }),
    script: fileURLToPath(new URL(words[script], ROOT)),
  };
}
