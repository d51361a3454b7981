import { exitCode, Interrupted } from "../cli/interrupt.ts";
import { assertEqual } from "./assert.ts";

const PROBE = new URL("./interruptProbe.ts", import.meta.url).pathname;

Deno.test({
  name: "the first signal is told to the run, one that comes later ends the process at once with that signal's code",
  ignore: Deno.build.os === "windows",
  async fn() {
    const cases: [Deno.Signal, Deno.Signal, number][] = [
      ["SIGINT", "SIGINT", 130],
      ["SIGTERM", "SIGINT", 130],
      ["SIGINT", "SIGTERM", 143],
      ["SIGUSR2", "SIGUSR2", 75],
      ["SIGHUP", "SIGHUP", 129],
      ["SIGUSR1", "SIGUSR1", 75],
      ["SIGXCPU", "SIGTERM", 143],
    ];
    for (const [first, second, code] of cases) {
      const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", PROBE], stdout: "piped" }).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      assertEqual((await reader.read()).value, "ready\n");
      child.kill(first);
      assertEqual((await reader.read()).value, `stopped by ${first}\n`);
      if (first === "SIGXCPU") { // which the system repeats every second
        await new Promise((resolve) => setTimeout(resolve, 1200));
        child.kill(first);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      // At once it is the same wish, told twice; a little later it is a new one.
      child.kill(second);
      if (first !== "SIGXCPU") {
        await new Promise((resolve) => setTimeout(resolve, 1200));
        child.kill(second);
      }
      assertEqual((await child.status).code, code, `${first}, ${second}`);
      await reader.cancel();
    }
  },
});

Deno.test("exitCode() is 128 and the signal's number, or EX_TEMPFAIL where a scheduler is to start the run again", () => {
  assertEqual(
    (["SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGXCPU"] as const).map((signal) =>
      exitCode(new Interrupted(signal))
    ),
    [
      129,
      130,
      143,
      75,
      75,
      152,
    ],
  );
});
