import { Graph } from "@dagrejs/graphlib";
import { assertEqual, assertRejects } from "./assert.ts";
import { importGraph } from "./importGraph.ts";
import { ALLOWED, complaints, faults } from "./layers.ts";
import { inFolder } from "./reportTools.ts";

const ROOT = new URL("../", import.meta.url);

/** A graph of arrows such as "core/a.ts -> core/b.ts". */
function graphOf(...arrows: string[]): Graph {
  const graph = new Graph();
  for (const arrow of arrows) {
    const [from, to] = arrow.split(" -> ");
    graph.setEdge(from, to);
  }
  return graph;
}

Deno.test("faults() is silent about imports that run down", () => {
  const graph = graphOf(
    "cli/a.ts -> core/a.ts",
    "records/a.ts -> cli/a.ts",
    "training/a.ts -> records/a.ts",
    "experiments/a.ts -> training/a.ts",
    "reports/a.ts -> experiments/a.ts",
    "commands/grid/a.ts -> reports/a.ts",
    "commands/grid/a.ts -> commands/grid/parts/b.ts",
    "commands/grid/a.ts -> deno.json",
    "core/methods/dmjd/a.ts -> core/a.ts",
    "core/methods/dmjd/a.ts -> core/methods/dmjd/b.ts",
    "mod.ts -> core/a.ts",
    "tests/a_test.ts -> commands/grid/a.ts",
    "tests/a_test.ts -> mod.ts",
  );
  assertEqual(faults(graph), []);
});

Deno.test("faults() names each circle once, with all its files", () => {
  const graph = graphOf(
    "core/a.ts -> core/b.ts",
    "core/b.ts -> core/c.ts",
    "core/c.ts -> core/a.ts",
    "core/c.ts -> core/d.ts",
    "core/e.ts -> core/e.ts",
    "core/f.ts -> core/a.ts",
  );
  assertEqual(faults(graph), ["circle: core/a.ts, core/b.ts, core/c.ts", "circle: core/e.ts"]);
});

Deno.test("faults() names imports that run up or aside, and files without a layer", () => {
  const aside = [
    "datasets/a.ts -> distributed/a.ts",
    "distributed/b.ts -> records/a.ts",
    "records/b.ts -> datasets/b.ts",
  ];
  const up = ["cli/a.ts -> training/a.ts", "core/a.ts -> cli/b.ts", "reports/a.ts -> commands/cost/a.ts"];
  const apart = ["commands/bench/a.ts -> commands/repro/a.ts", "core/methods/a/a.ts -> core/methods/b/a.ts"];
  assertEqual(faults(graphOf(...aside)), aside.map((arrow) => `up: ${arrow}`));
  assertEqual(faults(graphOf(...up)), up.map((arrow) => `up: ${arrow}`));
  assertEqual(faults(graphOf(...apart)), apart.map((arrow) => `apart: ${arrow}`));
  const built = "core/methods/convmae/a.ts -> core/methods/mae/a.ts",
    back = "core/methods/mae/b.ts -> core/methods/convmae/b.ts";
  assertEqual(faults(graphOf(built, back)), [`apart: ${back}`]);
  assertEqual(faults(graphOf("commands/a/a.ts -> attic/a.ts")), ["no layer: attic/a.ts"]);
});

Deno.test("complaints() leaves out what is allowed, and wants off the list what is mended", () => {
  const graph = graphOf("core/a.ts -> cli/a.ts", "core/b.ts -> cli/a.ts");
  assertEqual(complaints(graph, ["up: core/a.ts -> cli/a.ts", "circle: core/x.ts, core/y.ts"]), [
    "up: core/b.ts -> cli/a.ts",
    "mended, but still allowed: circle: core/x.ts, core/y.ts",
  ]);
});

Deno.test("importGraph() sees every kind of import, and nothing of packages", () =>
  inFolder(async (folder) => {
    const files = {
      "deno.json": '{ "imports": { "mapped": "./core/mapped.ts", "zod": "npm:zod@4.6.7" } }',
      "core/a.ts": [
        'import "mapped";',
        'import { z } from "zod";',
        'import type { T } from "./onlyType.ts";',
        'import { type U } from "./inlineType.ts";',
        'export type { V } from "./exportedType.ts";',
        'export * from "./all.ts";',
        'export type W = import("./typeOf.ts").W;',
        'export const later = () => import("./later.ts");',
      ].join("\n"),
      "node_modules/x/a.ts": 'import "../../core/a.ts";',
      ".hidden/a.ts": 'import "../core/a.ts";',
    };
    const targets = ["all", "exportedType", "inlineType", "later", "mapped", "onlyType", "typeOf"];
    const made = { ...files, ...Object.fromEntries(targets.map((name) => [`core/${name}.ts`, "export {};"])) };
    for (const [path, text] of Object.entries(made)) {
      await Deno.mkdir(`${folder}/${path}`.replace(/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    const root = new URL(`file://${folder}/`), graph = await importGraph(root);
    assertEqual(graph.nodes().sort(), ["core/a.ts", ...targets.map((name) => `core/${name}.ts`)]);
    assertEqual(
      graph.edges().map(({ v, w }) => [v, w]).sort(),
      targets.map((name) => ["core/a.ts", `core/${name}.ts`]),
    );
    await Deno.writeTextFile(`${folder}/core/all.ts`, 'import "./missing.ts";');
    await assertRejects(() => importGraph(root), /Cannot read the imports of .*core\/missing\.ts: /);
  }));

Deno.test("no import of the repository makes a circle or runs up, but for those that are allowed", async () => {
  const graph = await importGraph(ROOT);
  assertEqual(complaints(graph, ALLOWED), []);
  assertEqual(graph.hasEdge("tests/layers_test.ts", "tests/layers.ts"), true);
});
