import { readResults } from "../records/folder.ts";
import { assertEqual, assertTrue } from "./assert.ts";

Deno.test("repro --times goes on behind its last whole round after Ctrl-C, and prints the pairs", async () => {
  const folder = await Deno.makeTempDir();
  const run = () =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "commands/repro/main.ts",
        "thesis.table17",
        "--profile",
        "ci",
        "--times",
        "--steps",
        "1",
        "--repeats",
        "2",
      ]
        .concat("--rows", "localmim,vitfreeze_live", "--run", `${folder}/run`, "--out", `${folder}/out`),
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  const kept = async () => {
    for await (const { name } of Deno.readDir(`${folder}/run`)) {
      const text = await Deno.readTextFile(`${folder}/run/${name}/progress.json`).catch(() => undefined);
      if (text) return JSON.parse(text);
    }
  };
  try {
    const first = run();
    let ended = false;
    first.status.then(() => ended = true);
    while (!ended && ((await kept().catch(() => undefined))?.rounds.length ?? 0) < 2) {
      await new Promise((done) => setTimeout(done, 50));
    }
    assertTrue(
      !ended,
      `ended before its second round: ${ended ? new TextDecoder().decode((await first.output()).stderr) : ""}`,
    );
    first.kill("SIGINT");
    const { code } = await first.output();
    assertEqual(code, 130);
    const before = await kept();
    const { code: second, stdout } = await run().output(), text = new TextDecoder().decode(stdout);
    assertEqual(second, 0);
    const [{ times: { repeats, phases } }] = (await readResults(`${folder}/out`)).times;
    assertEqual(repeats.map(({ rounds }) => rounds.map(({ rows }) => Object.keys(rows).length)), [[2, 2, 2, 2, 2], [
      2,
      2,
      2,
      2,
      2,
    ]]);
    const whole = before.repeats.length > 0 ? before.repeats[0].rounds : before.rounds;
    assertEqual(repeats[0].rounds.slice(0, whole.length), whole, "what was measured before is kept");
    // The patch embedding freezes in the third epoch, at 0.5 + 0.512 x 4.5 = 2.8.
    assertEqual(Object.values(phases).map(({ unfrozen, epochs }) => [unfrozen, epochs]), [[5, 5], [2, 5]]);
    assertTrue(text.includes("inconclusive: n = 2, want 3"), text);
    assertTrue(/ViTFreeze, live +\d+\.\d+( +\d\.\d{3}){3} +[+−]\d+\.\d %/.test(text), text);
    const loaded = repeats.flatMap(({ rounds }) => rounds.flatMap(({ rows }) => Object.values(rows)));
    assertTrue(loaded.every(({ seconds }) => seconds.loading > 0), "loading is measured apart from steps");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
