import { heededSignals } from "../cli/interrupt.ts";
import { parseTask } from "../cli/task.ts";
import config from "../deno.json" with { type: "json" };
import type { Launch } from "./launch.ts";

/** Tells a process that another one waits for its end. */
export const SUPERVISED = "VITFREEZE_SUPERVISED";

/**
 * Does a task in a child process and waits for its end. A process that is killed cannot say so, and not every launcher does:
 * its supervisor can.
 *
 * @returns the exit code of the child; 128 and the signal's number where a signal has ended it
 */
export async function supervise(task: keyof typeof config.tasks, { rank }: Launch, args: string[]): Promise<number> {
  const { permissions, script } = parseTask(config.tasks[task].command);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...permissions, script, ...args],
    env: { [SUPERVISED]: "1" },
    stdin: "piped", // closes when this process ends, however that happens
  }).spawn();
  const told = new Set<Deno.Signal>();
  for (const name of heededSignals()) {
    Deno.addSignalListener(name, () => {
      told.add(name);
      try {
        child.kill(name);
      } catch {
        // it has ended already
      }
    });
  }
  const { code, signal } = await child.status;
  if (signal !== null && !told.has(signal)) {
    const hint = signal === "SIGKILL" ? "; the system does that where memory runs out" : "";
    console.error(`error: rank ${rank} on ${Deno.hostname()} (process ${child.pid}) was ended by ${signal}${hint}`);
  }
  return code;
}
