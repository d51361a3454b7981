import { blockFlops, decoderFlops, pretrainFlops } from "../core/cost/flops.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { PROFILES } from "../experiments/table17/profiles.ts";
import { rowSchedule } from "../experiments/table17/config.ts";

const { paper } = PROFILES, VIT_B = paper.model;
const all = { liveLayers: new Array<boolean>(13).fill(true), liveStages: [true, true, true, true] };

Deno.test("blockFlops() of ViT-B on 50 tokens is 715.5 million", () => {
  // Linear layers 768 to 2304, 768, 3072 and back, on 50 tokens; scores and mixing, 50 x 50 per channel each.
  const linear = 2 * 50 * (768 * 2304 + 768 * 768 + 768 * 3072 + 3072 * 768), attention = 2 * (2 * 50 * 50 * 768);
  assertEqual([linear, attention], [707_788_800, 7_680_000]);
  assertEqual(blockFlops(50, 768, 4), linear + attention);
});

Deno.test("decoderFlops() of ViT-B's four decoders, heads on the 147 masked tokens", () => {
  const decoder = 2 * 50 * 768 * 256 + 2 * 197 * 12 * 256 * 256 + 2 * (2 * 197 * 197 * 256);
  const heads = [
    2 * 147 * 256 * 512 + 2 * 588 * 128 * 256 + 2 * 2352 * 64 * 27, // 56 x 56
    2 * 147 * 256 * 512 + 2 * 588 * 128 * 27, // 28 x 28
    2 * 147 * 256 * 27, // 14 x 14
    2 * 49 * 256 * 27, // 7 x 7, whole
  ];
  heads.forEach((head, stage) => assertEqual(decoderFlops(VIT_B, stage), decoder + head, `stage ${stage}`));
});

Deno.test("pretrainFlops() counts a backward pass as twice the forward pass", () => {
  const embed = 2 * 49 * 768 * 768, block = blockFlops(50, 768, 4);
  const decoders = [0, 1, 2, 3].map((stage) => decoderFlops(VIT_B, stage)).reduce((a, b) => a + b);
  // The patch embedding needs no gradient of the image.
  assertEqual(pretrainFlops(VIT_B, all, "cut"), 2 * embed + 3 * 12 * block + 3 * decoders);
  assertEqual(pretrainFlops(VIT_B, all, "live"), pretrainFlops(VIT_B, all, "cut"));
  const frozen = { ...all, liveLayers: all.liveLayers.map((_, layer) => layer >= 3) };
  assertEqual(pretrainFlops(VIT_B, frozen, "cut"), embed + (2 + 3 * 10) * block + 3 * decoders);
  assertEqual(pretrainFlops(VIT_B, frozen, "live"), embed + (2 * 2 + 3 * 10) * block + 3 * decoders);
});

Deno.test("pretrainFlops() falls with every freeze, and cut costs at most what live does", () => {
  for (let frozen = 1; frozen <= 12; frozen++) {
    const state = (n: number) => ({
      liveLayers: all.liveLayers.map((_, layer) => layer >= n),
      liveStages: VIT_B.stageBlocks.map((block) => block >= n),
    });
    for (const backward of ["cut", "live"] as const) {
      const [before, after] = [frozen - 1, frozen].map((n) => pretrainFlops(VIT_B, state(n), backward));
      assertTrue(after < before, `${backward}: layer ${frozen - 1} saves nothing`);
    }
    const [cut, live] = (["cut", "live"] as const).map((backward) => pretrainFlops(VIT_B, state(frozen), backward));
    assertTrue(frozen === 1 ? cut === live : cut < live, `${frozen} frozen layers: cut ${cut}, live ${live}`);
  }
});

/** Share of a run's operations that freezing saves. */
function saving(backward: "cut" | "live"): number {
  const perEpoch = 10,
    run = (row: "localmim" | "vitfreeze") => {
      const schedule = rowSchedule(paper, row, perEpoch);
      let total = 0;
      for (let i = 0; i < 100 * perEpoch; i++) total += pretrainFlops(VIT_B, freezeState(schedule, i), backward);
      return total;
    };
  return 1 - run("vitfreeze") / run("localmim");
}

Deno.test("pretrainFlops() predicts what ViTFreeze saves of LocalMIM over 100 epochs of ViT-B", () => {
  // Layer i is frozen for 1 - t_i of the 90 epochs after warm-up and then saves what its backward pass costs.
  const frozen = Array.from({ length: 13 }, (_, i) => 0.9 * (1 - ((48 + i) / 60) ** 3));
  const blocks = frozen.slice(1).reduce((a, b) => a + b) * blockFlops(50, 768, 4);
  const decoders = VIT_B.stageBlocks.reduce((sum, at, stage) => sum + 3 * frozen[at] * decoderFlops(VIT_B, stage), 0);
  const common = frozen[0] * 2 * 49 * 768 * 768 + decoders, whole = pretrainFlops(VIT_B, all, "cut");
  // Freezing falls on whole iterations, 1000 in this run.
  assertAlmostEqual(saving("cut"), (common + 2 * blocks) / whole, 1e-3);
  assertAlmostEqual(saving("live"), (common + blocks) / whole, 1e-3);
  assertEqual([saving("cut"), saving("live")].map((share) => share.toFixed(3)), ["0.155", "0.094"]);
});
