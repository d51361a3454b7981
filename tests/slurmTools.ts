import { hostname, userInfo } from "node:os";

/** Programs that a private Slurm needs. */
const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo"];
/** Milliseconds that a program of Slurm may take. */
const PATIENCE = 10_000;
const PATH = `${Deno.env.get("PATH")}:/usr/sbin:/sbin`;

/** The program of Slurm or MUNGE that is missing here, if one is. */
export async function missingProgram(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "Linux";
  for (const name of PROGRAMS) {
    const found = await Promise.all(
      PATH.split(":").map((folder) => Deno.stat(`${folder}/${name}`).catch(() => undefined)),
    );
    if (!found.some((file) => file?.isFile)) return name;
  }
}

/** A Slurm of this machine's own, with several nodes on it; everything it writes is in one folder. */
export class PrivateSlurm {
  private constructor(readonly folder: string, readonly nodes: readonly string[]) {}

  /** What programs need in their environment to talk to it. */
  get env(): Record<string, string> {
    return { SLURM_CONF: `${this.folder}/slurm.conf`, PATH, NO_COLOR: "1" };
  }

  /**
   * Starts it.
   *
   * @param folder short, for a socket's path has less than 108 bytes
   * @param nodes how many, of one core each
   * @throws with the end of the controller's log when the nodes do not come up
   */
  static async start(folder: string, nodes: number): Promise<PrivateSlurm> {
    const names = Array.from({ length: nodes }, (_, i) => `n${i}`), slurm = new PrivateSlurm(folder, names);
    for (const name of ["munge", "state", "spool", "log", "pid"]) {
      await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    }
    const key = crypto.getRandomValues(new Uint8Array(1024));
    await Deno.writeFile(`${folder}/munge/key`, key, { mode: 0o600 });
    const unified = await Deno.stat("/sys/fs/cgroup/cgroup.controllers").then(() => true, () => false);
    const plugin = unified ? "CgroupPlugin=cgroup/v2\nIgnoreSystemd=yes\n" : "CgroupPlugin=cgroup/v1\n";
    await Deno.writeTextFile(`${folder}/cgroup.conf`, plugin);
    await Deno.writeTextFile(`${folder}/slurm.conf`, configuration(folder, names));
    try {
      const munge = (name: string) => `${folder}/munge/${name}`;
      await slurm.run("munged", "--force", "--num-threads=2", ...[
        ...[`--key-file=${munge("key")}`, `--socket=${munge("sock")}`, `--seed-file=${munge("seed")}`],
        ...[`--pid-file=${folder}/pid/munged`, `--log-file=${folder}/log/munged`],
      ]);
      await slurm.run("slurmctld");
      for (const name of names) await slurm.startNode(name);
      for (const end = Date.now() + 2 * PATIENCE; !await slurm.idle(); await pause(200)) {
        if (Date.now() > end) throw new Error(`the nodes do not come up:\n${await slurm.log()}`);
      }
    } catch (error) {
      await slurm.stop();
      throw error;
    }
    return slurm;
  }

  /** Runs one of its programs; gives what that printed. */
  async run(name: string, ...args: string[]): Promise<string> {
    const signal = AbortSignal.timeout(PATIENCE); // without a controller, Slurm's programs try for a long time
    const command = new Deno.Command("env", { args: [name, ...args], env: this.env, stdin: "null", signal });
    const { code, stdout, stderr } = await command.output(), text = new TextDecoder();
    if (code !== 0) throw new Error(`${name} ${args.join(" ")}: ${text.decode(stderr)}`);
    return text.decode(stdout).trim();
  }

  /** Starts the daemon of a node. */
  async startNode(name: string): Promise<void> {
    await this.run("slurmd", "-N", name);
  }

  /** Kills the daemon of a node, without a chance to say goodbye; its jobs live on. */
  async killNode(name: string): Promise<void> {
    Deno.kill(Number(await Deno.readTextFile(`${this.folder}/pid/${name}`)), "SIGKILL");
  }

  /** Its jobs as "job_task state node", one for each task. */
  async jobs(): Promise<string[]> {
    return (await this.run("squeue", "-h", "-r", "-o", "%F_%K %T %R")).split("\n").filter(Boolean);
  }

  /** Ends all jobs and daemons. */
  async stop(): Promise<void> {
    const reached = await this.run("scancel", "--user", userInfo().username).then(() => true, () => false);
    for (let i = 0; reached && i < 50 && (await this.jobs().catch(() => [])).length > 0; i++) await pause(200);
    for (const name of [...this.nodes, "slurmctld", "munged"]) await end(`${this.folder}/pid/${name}`);
  }

  private async idle(): Promise<boolean> {
    const states = await this.run("sinfo", "-h", "-N", "-o", "%T").catch(() => "");
    return states.split("\n").filter((state) => state === "idle").length === this.nodes.length;
  }

  private async log(): Promise<string> {
    const text = await Deno.readTextFile(`${this.folder}/log/slurmctld`).catch(() => "no log");
    return text.split("\n").slice(-8).join("\n");
  }
}

/** slurm.conf of a cluster that reacts within seconds, and that finds the processes of a job by their group. */
function configuration(folder: string, nodes: readonly string[]): string {
  const host = hostname().split(".")[0], user = userInfo().username, ports = freePorts(nodes.length + 1);
  const node = (name: string, i: number) =>
    `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i + 1]} CPUs=1 RealMemory=4000`;
  return [
    ...["ClusterName=private", `SlurmctldHost=${host}(127.0.0.1)`, `SlurmctldPort=${ports[0]}`],
    ...[`SlurmUser=${user}`, `SlurmdUser=${user}`, "AuthType=auth/munge"],
    // A job that goes back into the queue waits until its credential has expired; 5 seconds is the least.
    `AuthInfo=socket=${folder}/munge/sock,cred_expire=5`,
    ...[`StateSaveLocation=${folder}/state`, `SlurmdSpoolDir=${folder}/spool/%n`],
    ...[`SlurmctldPidFile=${folder}/pid/slurmctld`, `SlurmdPidFile=${folder}/pid/%n`],
    ...[`SlurmctldLogFile=${folder}/log/slurmctld`, `SlurmdLogFile=${folder}/log/%n`],
    ...["ProctrackType=proctrack/pgid", "TaskPlugin=task/none", "JobAcctGatherType=jobacct_gather/none"],
    ...["AccountingStorageType=accounting_storage/none", "SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU"],
    "SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1",
    ...["SlurmdParameters=config_overrides", "MpiDefault=none", "MailProg=/bin/true", "ReturnToService=2"],
    ...["KillWait=5", "SlurmdTimeout=10", ...nodes.map(node)],
    "PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
    "",
  ].join("\n");
}

/** Ports of this machine that nobody listens on. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  return listeners.map((listener) => {
    listener.close();
    return listener.addr.port;
  });
}

async function end(pidFile: string): Promise<void> {
  const pid = Number(await Deno.readTextFile(pidFile).catch(() => "0"));
  if (!pid || !await lives(pid)) return;
  Deno.kill(pid, "SIGTERM");
  for (let i = 0; i < 50 && await lives(pid); i++) await pause(100);
  if (await lives(pid)) Deno.kill(pid, "SIGKILL");
}

/** Whether a process runs; one that has ended may stay in the table for a while. */
async function lives(pid: number): Promise<boolean> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "State:\tZ");
  return !/^State:\s+[ZX]/m.test(status);
}

/** The processes whose command line or environment holds a text, except this one. */
export async function processesOf(text: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === Deno.pid || !await lives(pid)) continue;
    const files = ["cmdline", "environ"].map((file) => Deno.readTextFile(`/proc/${pid}/${file}`).catch(() => ""));
    if ((await Promise.all(files)).some((content) => content.includes(text))) found.push(pid);
  }
  return found;
}

/** Whether a signal waits for a process that is stopped. */
export async function isPending(pid: number, signal: number): Promise<boolean> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return ["SigPnd", "ShdPnd"].some((key) => {
    const mask = new RegExp(`^${key}:\\s+([0-9a-f]+)$`, "m").exec(status)?.[1] ?? "0";
    return (BigInt(`0x${mask}`) >> BigInt(signal - 1)) % 2n === 1n;
  });
}

/** Resolves after so many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
