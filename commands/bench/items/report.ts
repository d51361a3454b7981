import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../../core/errors.ts";
import { type Context, type Measured, pauseOf } from "../context.ts";
import { timeEntry } from "../entries.ts";
import { contestant, race } from "../race.ts";

const SCRIPT = fileURLToPath(new URL("../../report/main.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The report from start to end, written to an empty folder each time; seconds. */
export async function measureReport(context: Context): Promise<Measured> {
  const folder = await Deno.makeTempDir();
  try {
    let turn = 0;
    const once = contestant("ours", () => writeReport(join(folder, String(turn++))));
    const [own] = await race(
      [once],
      context.settings.quick ? { warmup: 0, kept: 1 } : { warmup: 1, kept: 5 },
      pauseOf(context),
    );
    return { entries: [timeEntry("report", own, undefined)] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeReport(out: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", SCRIPT, "--out", out],
    cwd: ROOT,
  }).output();
  if (code === 0) return;
  const found = new TextDecoder().decode(stderr).trim().split("\n")[0] || `exit code ${code}`;
  throw new UserError(`Cannot measure the report: ${found}, want it written`);
}
