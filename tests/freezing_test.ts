import { liveNodes, lower } from "../core/engine/lower/lower.ts";
import type { TracedGraph, TracedNode } from "../core/engine/trace/graph.ts";
import { GRADIENT, PARAMETER, trace } from "../core/engine/tracer.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { localMimParameters, ownerOf } from "../core/methods/localmim/parameters.ts";
import { type FreezeState, freezeState } from "../core/schedules/freezeState.ts";
import { checkSchedule } from "../core/schedules/schedule.ts";
import { gradientNames, rateOf } from "../training/liveness.ts";
import { assertEqual, assertTrue, relativeNorm } from "./assert.ts";
import { compiled, eager, localMimExample, randomArena, runOnce, TINY } from "./engineTools.ts";

/** Some freezes end a stage, some do not. */
const MODEL = { ...TINY, depth: 6, stageBlocks: [2, 3, 5, 6] };

const schedule = checkSchedule({
  layers: 7,
  stageBlocks: MODEL.stageBlocks,
  t0: 0.5,
  power: 1,
  scaled: true,
  baseLr: 1e-2,
  minLr: 1e-6,
  epochs: 2,
  warmupEpochs: 0,
  iterationsPerEpoch: 12,
  form: "code",
  decoders: "block",
  clsToken: "layer0",
});

/** The state of the schedule with each number of frozen layers, 0 to 6. */
const STATES = Array.from({ length: 24 }, (_, iteration) => freezeState(schedule, iteration))
  .filter((state, i, all) => i === 0 || state.firstLiveLayer !== all[i - 1].firstLiveLayer);

const programOf = ({ liveStages }: FreezeState) =>
  localMimProgram({ config: MODEL, batch: 2, liveStages, heads: "masked" });

const { feeds } = localMimExample(MODEL, 2);
const whole = programOf(STATES[0]);

/** A recorded step of one state, split where the loss is known. */
async function traced(state: FreezeState, backward: "cut" | "live") {
  const program = programOf(state), wanted = gradientNames(program.parameters, ownerOf, state, backward);
  const { graph, outputs } = await trace(program, wanted);
  const live = liveNodes(graph, Object.values(outputs));
  const lossAt = graph.nodes.findIndex((node) => node.outputs.includes(outputs.loss));
  const kept = (from: number, to?: number) => graph.nodes.slice(from, to).filter((_, i) => live.has(i + from));
  return { graph, outputs, forward: kept(0, lossAt + 1), backward: kept(lossAt + 1), wanted };
}

const reads = (node: TracedNode) => Object.values(node.inputs).flat();

/** Values that a parameter flows to through reshaping and transposing alone: the forms in which matrix products read it. */
function formsOf(graph: TracedGraph, name: string): Set<number> {
  const forms = new Set([graph.values.findIndex(({ input }) => input === PARAMETER + name)]);
  for (const node of graph.nodes) {
    if (/^(Reshape|Transpose|Identity)$/.test(node.kernel) && reads(node).some((id) => forms.has(id))) {
      node.outputs.forEach((id) => forms.add(id));
    }
  }
  return forms;
}

Deno.test("the schedule of these tests freezes one layer at a time and ends stages 0, 1 and 2", () => {
  assertEqual(STATES.map(({ firstLiveLayer }) => firstLiveLayer), [0, 1, 2, 3, 4, 5, 6]);
  assertEqual(STATES.map(({ liveStages }) => liveStages.filter(Boolean).length), [4, 4, 4, 3, 2, 2, 1]);
});

for (const engine of [compiled, eager]) {
  Deno.test(`backward cut and live give the same gradients of all live layers: ${engine.info.name}`, async () => {
    for (const state of STATES) {
      const program = programOf(state), arena = randomArena(whole, 0.3);
      const cutNames = gradientNames(program.parameters, ownerOf, state, "cut");
      const liveNames = gradientNames(program.parameters, ownerOf, state, "live");
      const cut = await runOnce(engine, program, arena, feeds, cutNames);
      const live = await runOnce(engine, program, arena, feeds, liveNames);
      assertEqual(cut.outputs, live.outputs);
      for (const name of cutNames) {
        assertTrue(live.gradients[name].some((value) => value !== 0), `${name} has no gradient`);
        assertEqual(cut.gradients[name], live.gradients[name], `${name}, ${state.firstLiveLayer} layers frozen`);
      }
      // All that is added is the class token, at the bottom of the frozen blocks.
      assertEqual(liveNames.filter((name) => !cutNames.includes(name)), state.firstLiveLayer ? ["cls_token"] : []);
      if (state.firstLiveLayer) assertTrue(live.gradients.cls_token.some((value) => value !== 0), "cls_token");
    }
  });
}

/** Activations of the frozen prefix that the backward pass reads, the input of the first live block left out. */
async function prefixReads(state: FreezeState, backward: "cut" | "live"): Promise<{ prefix: number; read: number }> {
  const { graph, forward, backward: later } = await traced(state, backward);
  const norm = formsOf(graph, `blocks.${state.firstLiveLayer - 1}.norm1.weight`);
  const at = forward.findIndex((node) => reads(node).some((id) => norm.has(id)));
  const blockInput = forward[at].inputs.x as number;
  // A block's input is reshaped nowhere between the blocks, so leaving out this one value is enough.
  const prefix = new Set(forward.slice(0, at).flatMap(({ outputs }) => outputs).filter((id) => id !== blockInput));
  return { prefix: prefix.size, read: new Set(later.flatMap(reads).filter((id) => prefix.has(id))).size };
}

Deno.test("backward cut reads no activation of the frozen prefix, backward live does", async () => {
  for (const state of STATES.filter(({ firstLiveLayer }) => firstLiveLayer > 1)) {
    const blocks = state.firstLiveLayer - 1,
      cut = await prefixReads(state, "cut"),
      live = await prefixReads(state, "live");
    // Each block records two norms with three results, four linear layers, attention, two sums.
    assertTrue(cut.prefix > 20 * blocks, `the prefix of ${blocks} blocks has ${cut.prefix} values`);
    assertEqual(cut.read, 0, `${blocks} frozen blocks`);
    assertTrue(live.read >= 5 * blocks, `live reads ${live.read} values of ${blocks} blocks`);
  }
});

Deno.test("every freeze makes the lowered step smaller, backward cut more than live", async () => {
  const nodes = async (state: FreezeState, backward: "cut" | "live") => {
    const { graph, outputs } = await traced(state, backward);
    return lower(graph, outputs).nodes.length;
  };
  const cut = [], live = [];
  for (const state of STATES) cut.push(await nodes(state, "cut")), live.push(await nodes(state, "live"));
  assertEqual(cut[0], live[0]);
  for (let n = 1; n < STATES.length; n++) {
    assertTrue(cut[n] < cut[n - 1], `cut: ${cut}`);
    assertTrue(live[n] < live[n - 1], `live: ${live}`);
    // With the patch embedding alone frozen, live still goes on to the class token.
    assertTrue(cut[n] < live[n], `cut ${cut}, live ${live}`);
  }
});

Deno.test("frozen blocks have gradients of activations under backward live, none under cut, never of weights", async () => {
  for (const state of STATES.slice(1)) {
    for (const mode of ["cut", "live"] as const) {
      const { graph, outputs, backward, wanted } = await traced(state, mode);
      const used = new Set(backward.flatMap(reads));
      const passes = (name: string) => [...formsOf(graph, name)].some((id) => used.has(id));
      for (let block = 0; block < state.firstLiveLayer - 1; block++) {
        for (const layer of ["attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2"]) {
          assertEqual(passes(`blocks.${block}.${layer}.weight`), mode === "live", `${mode}: block ${block} ${layer}`);
        }
      }
      // The gradient of a linear layer's weight is the only product of two matrices with the first one transposed.
      const weightGradients = backward.filter(({ kernel, attributes, outputs: [out] }) =>
        kernel === "BatchMatMul" && attributes.transposeA && graph.values[out].shape.length === 2
      );
      const linear = wanted.filter((name) => name.endsWith(".weight") && !name.includes("norm") && !isHeadNorm(name));
      // Decoders of which only the masked tokens are wanted project queries apart from keys and values.
      const apart = TINY.stageScales.filter((scale, stage) => scale >= 1 && state.liveStages[stage]).length;
      assertEqual(weightGradients.length, linear.length + apart, `${mode}, ${state.firstLiveLayer} layers frozen`);
      const live = Object.keys(outputs).filter((name) => name.startsWith(GRADIENT)).map((name) =>
        name.slice(GRADIENT.length)
      );
      assertEqual(live.filter((name) => name !== "cls_token" && !rateOf(ownerOf(name), state).live), []);
    }
  }
});

/** The norm inside the finest head. */
const isHeadNorm = (name: string) => name.endsWith("pred.1.weight") && name.startsWith("decoder.0");

Deno.test("a pruned stage is not read, has no loss and no input", async () => {
  for (const state of STATES) {
    const { graph, outputs } = await traced(state, "cut"), model = lower(graph, outputs);
    const read = model.inputs.map(({ name }) => name);
    state.liveStages.forEach((live, stage) => {
      const own = (name: string) => new RegExp(`^${PARAMETER}(norm|decoder)\\.${stage}\\.`).test(name);
      assertEqual([`loss${stage}` in outputs, read.includes(`target${stage}`), read.some(own)], [live, live, live]);
    });
    // Blocks are read whether they live or not.
    assertTrue(read.includes(`${PARAMETER}blocks.0.mlp.fc1.weight`), "frozen block 1 is not read");
  }
});

Deno.test("a pruned stage's weights do not reach loss or gradients", async () => {
  const state = STATES[4], program = programOf(state), names = gradientNames(program.parameters, ownerOf, state, "cut");
  const arena = randomArena(whole, 0.3), before = await runOnce(compiled, program, arena, feeds, names);
  for (const { name } of localMimParameters(MODEL)) {
    if (/^(norm|decoder)\.[01]\./.test(name)) arena.view(name).fill(NaN);
  }
  assertEqual(await runOnce(compiled, program, arena, feeds, names), before);
  assertTrue(Number.isFinite(before.outputs.loss[0]), "the loss is no number");
  const parts = before.outputs.loss2[0] + before.outputs.loss3[0];
  assertTrue(relativeNorm([before.outputs.loss[0]], [parts]) < 1e-6, "the loss is not the sum of the live stages");
});
