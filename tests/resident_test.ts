// What trains on a device, computed on the CPU: layouts, flattened steps, and the optimisers' graphs.

import fc from "fast-check";
import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { lower } from "../core/engine/lower/lower.ts";
import { encodeModel } from "../core/engine/onnx/encode.ts";
import type { OnnxGraph } from "../core/engine/onnx/model.ts";
import { OrtSession, OrtTensor } from "../core/engine/ort/session.ts";
import { sizeOf } from "../core/engine/program.ts";
import { flatten, gradientsOf, weightsOf } from "../core/engine/resident/flatten.ts";
import { owners, pack, ROW } from "../core/engine/resident/packing.ts";
import { GRADIENT, PARAMETER, trace } from "../core/engine/tracer.ts";
import { adamwCoefficients, adamwReference } from "../core/optim/adamw.ts";
import { sgdCoefficients, sgdReference } from "../core/optim/sgd.ts";
import {
  adamwGraph,
  DECAY,
  NUMBER,
  OWNER,
  pieceValue,
  RATE,
  sgdGraph,
  sumGraph,
  written,
} from "../core/optim/updateGraph.ts";
import { METHODS } from "../core/methods/mod.ts";
import { assertEqual, assertTrue, relativeNorm } from "./assert.ts";
import { normals, randomArena } from "./engineTools.ts";
import { TWO_STAGES } from "./trainingTools.ts";

type Values = Record<string, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>;

/** Runs a graph on the CPU. */
async function run(graph: OnnxGraph, feeds: Values): Promise<Record<string, Float32Array>> {
  const session = new OrtSession(encodeModel(graph), { threads: 1 });
  const inputs = new Map(graph.inputs.map(({ name, shape }) => [name, new OrtTensor(feeds[name], shape)]));
  const outputs = new Map(
    graph.outputs.map(({ name, shape }) => [name, new OrtTensor(new Float32Array(sizeOf(shape)), shape)]),
  );
  await session.bind(inputs, outputs)();
  const found = Object.fromEntries([...outputs].map(([name, { data }]) => [name, data.slice() as Float32Array]));
  [...inputs.values(), ...outputs.values(), session].forEach((held) => held.dispose());
  return found;
}

const shapes = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
const specsOf = (all: number[][]) => all.map((shape, k) => ({ name: `t${k}`, shape }));

Deno.test("pack() keeps every tensor whole and in order, in rows of its own, no piece beyond the limit unless it is one tensor", () => {
  fc.assert(fc.property(shapes, fc.integer({ min: 1, max: 30 }), (all, limit) => {
    const pieces = pack(specsOf(all), limit), tensors = pieces.flatMap((piece) => piece.tensors);
    assertEqual(tensors.map(({ name, shape }) => ({ name, shape })), specsOf(all));
    for (const { tensors, rows } of pieces) {
      let next = 0;
      for (const { row, rows: own, floats } of tensors) {
        assertEqual([row, own], [next, Math.ceil(floats / ROW)]);
        next += own;
      }
      assertEqual(rows, next);
      assertTrue(rows <= limit || tensors.length === 1, `${rows} rows of at most ${limit}`);
    }
    const owner = owners(pieces);
    assertEqual(owner.map(({ length }) => length), pieces.map(({ rows }) => rows));
    const counted = owner.flatMap((each) => [...each]);
    assertEqual(counted, tensors.flatMap(({ rows }, k) => Array<number>(rows).fill(k)));
  }));
});

for (const limit of [20, 1 << 18]) {
  Deno.test(`flatten() gives the same losses and gradients, read from and left in pieces of at most ${limit} rows`, async () => {
    const method = METHODS.localmim, program = method.program(TWO_STAGES, 2, [true, true]);
    // Frozen tensors stay inputs of their own.
    const names = program.parameters.map(({ name }) => name).filter((name) => !name.startsWith("patch_embed"));
    const { graph, outputs } = await trace(program, names), model = lower(graph, outputs, 0, false);
    const arena = randomArena(program, 0.2),
      pieces = pack(names.map((name) => ({ name, shape: arena.shape(name) })), limit);
    assertTrue(limit > 100 || pieces.length > 3, `${pieces.length} pieces`);
    const flat = flatten(model, pieces), feeds: Values = {};
    for (const { name, shape, dtype } of model.inputs) {
      const isParameter = name.startsWith(PARAMETER),
        places = () => Int32Array.from({ length: sizeOf(shape) }, (_, k) => k % 4);
      feeds[name] = isParameter
        ? arena.view(name.slice(PARAMETER.length))
        : dtype === "int32"
        ? places()
        : normals(sizeOf(shape), 3);
    }
    pieces.forEach(({ tensors, rows }, k) => {
      const all = feeds[weightsOf(k)] = new Float32Array(rows * ROW);
      for (const { name, row } of tensors) all.set(arena.view(name), row * ROW);
    });
    assertEqual(flat.inputs.filter(({ name }) => name.startsWith(PARAMETER)).map(({ name }) => name).sort(), [
      "parameter:patch_embed.proj.bias",
      "parameter:patch_embed.proj.weight",
    ]);
    const wanted = await run(model, feeds), found = await run(flat, feeds);
    let compared = 0;
    pieces.forEach(({ tensors, rows }, k) => {
      const all = found[gradientsOf(k)], seen = new Set<number>();
      for (const { name, row, floats } of tensors) {
        const own = all.slice(row * ROW, row * ROW + floats);
        // ONNX Runtime fuses around other nodes where slices lie between; a key's bias has no gradient but rounding.
        const error = relativeNorm(own, wanted[GRADIENT + name]);
        assertTrue(error < 1e-5, `${name} is off by ${error}`);
        for (let i = 0; i < floats; i++) seen.add(row * ROW + i);
        compared++;
      }
      for (let i = 0; i < rows * ROW; i++) if (!seen.has(i)) assertEqual(all[i], 0, "a row's rest");
    });
    assertTrue(compared > 30, `${compared} tensors`);
    assertTrue(Math.abs(found.loss[0] / wanted.loss[0] - 1) <= 1e-6, `${found.loss} ${wanted.loss}`);
  });
}

/** Three tensors in two pieces, with what an update reads. */
const SPECS = [{ name: "a", shape: [5, 7] }, { name: "b", shape: [3] }, { name: "c", shape: [4, 16] }];
const PIECES = pack(SPECS, 4);

function pieceFeeds(kinds: readonly string[]): Values {
  const feeds: Values = {}, owner = owners(PIECES);
  PIECES.forEach(({ rows }, k) => {
    kinds.forEach((kind, seed) => {
      const values = normals(rows * ROW, 10 * k + seed);
      feeds[pieceValue(kind, k)] = kind === "moment2" ? values.map(Math.abs) : values;
    });
    feeds[OWNER.name(k)] = owner[k];
  });
  return feeds;
}

const LRS = [0.1, 0, 0.003], DECAYS = [0.05, 0, 0.05];

/** Each tensor's part of what a piece holds. */
function* parts(): Generator<{ tensor: number; piece: number; from: number; to: number }> {
  let tensor = 0;
  for (const [piece, { tensors }] of PIECES.entries()) {
    for (const { row, floats } of tensors) yield { tensor: tensor++, piece, from: row * ROW, to: row * ROW + floats };
  }
}

Deno.test("adamwGraph() is adamwReference(), bit for bit, with rates by tensor", async () => {
  const options = { betas: [0.9, 0.95] as [number, number], eps: 1e-8 },
    kinds = ["value", "moment1", "moment2", "gradient"];
  for (const scale of [1, 0.25]) {
    const feeds = pieceFeeds(kinds), step = 3;
    const coefficients = LRS.map((lr, k) => adamwCoefficients(options, lr, DECAYS[k], step, scale));
    const found = await run(adamwGraph(options, PIECES, scale), {
      ...feeds,
      [RATE]: Float32Array.from(coefficients, ({ alpha }) => alpha),
      [DECAY]: Float32Array.from(coefficients, ({ decay }) => decay),
      [NUMBER]: Float32Array.of(coefficients[0].eps),
    });
    for (const { tensor, piece, from, to } of parts()) {
      const [value, moment1, moment2, gradient] = kinds.map((kind) =>
        (feeds[pieceValue(kind, piece)] as Float32Array).slice(from, to)
      );
      const before = value.slice();
      adamwReference(value, moment1, moment2, gradient, coefficients[tensor]);
      const named = { value, moment1, moment2 };
      for (const [kind, wanted] of Object.entries(named)) {
        assertEqual(
          found[written.name(pieceValue(kind, piece))].slice(from, to),
          wanted,
          `${kind} of tensor ${tensor}`,
        );
      }
      assertEqual(
        value.every((each, i) => each === before[i]),
        LRS[tensor] === 0,
        "a rate of 0 leaves the weights, no other does",
      );
    }
  }
});

for (const nesterov of [true, false]) {
  Deno.test(`sgdGraph() is sgdReference(), bit for bit, ${nesterov ? "Nesterov's" : "plain"}`, async () => {
    const options = { momentum: 0.9, nesterov },
      kinds = ["value", "moment1", "gradient"],
      scale = 0.5,
      feeds = pieceFeeds(kinds);
    const found = await run(sgdGraph(options, PIECES, scale), {
      ...feeds,
      [RATE]: Float32Array.from(LRS),
      [DECAY]: Float32Array.from(DECAYS),
      [NUMBER]: Float32Array.of(1),
    });
    for (const { tensor, piece, from, to } of parts()) {
      const [value, moment, gradient] = kinds.map((kind) =>
        (feeds[pieceValue(kind, piece)] as Float32Array).slice(from, to)
      );
      sgdReference(value, moment, gradient, sgdCoefficients(options, LRS[tensor], DECAYS[tensor], scale));
      assertEqual(found[written.name(pieceValue("value", piece))].slice(from, to), value, `tensor ${tensor}`);
      assertEqual(found[written.name(pieceValue("moment1", piece))].slice(from, to), moment, `tensor ${tensor}`);
    }
  });
}

Deno.test("sumGraph() forgets what was there at the first pass, and adds at the others", async () => {
  const feeds = pieceFeeds(["sum", "gradient"]), graph = sumGraph(PIECES);
  for (const carry of [0, 1]) {
    const found = await run(graph, { ...feeds, [NUMBER]: Float32Array.of(carry) });
    PIECES.forEach((_, k) => {
      const [sum, gradient] = ["sum", "gradient"].map((kind) => feeds[pieceValue(kind, k)] as Float32Array);
      assertEqual(
        found[written.name(pieceValue("sum", k))],
        gradient.map((each, i) => Math.fround(each + carry * sum[i])),
      );
    });
  }
});

Deno.test("on the CPU weights train in the arena", () => {
  const engine = new CompiledEngine(1), arena = new Arena(SPECS);
  assertEqual(engine.resident(arena, false), undefined);
});
