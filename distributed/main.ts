import { Job } from "./job.ts";
import { detectLaunch } from "./launch.ts";
import { supervise, SUPERVISED } from "./supervise.ts";

/**
 * Runs a command that several processes may share: as the rank of a launcher, supervised, or alone. A user's mistake becomes
 * one line on stderr and exit code 1; whatever ends one rank out of turn ends all, and says which one it was.
 *
 * @param main the command; its resolved number, if any, is the exit code
 * @param task the command's name in deno.json, by which its supervisor starts it; without it there is no supervisor
 */
export async function runRanked(
  main: (args: string[], job: Job) => Promise<number | void>,
  task?: Parameters<typeof supervise>[0],
): Promise<never> {
  let job = new Job(undefined);
  try {
    job = new Job(detectLaunch((name) => Deno.env.get(name)));
    const { launch } = job, supervised = Deno.env.get(SUPERVISED) !== undefined;
    if (task && launch && launch.size > 1 && !supervised) Deno.exit(await supervise(task, launch, Deno.args));
    if (!job.first && Deno.args.includes("--help")) Deno.exit(0); // rank 0 prints it
    job.watch();
    if (supervised) void job.watchSupervisor();
    const code = await main(Deno.args, job);
    await job.leave();
    Deno.exit(code ?? 0);
  } catch (error) {
    return await job.fail(error);
  }
}
