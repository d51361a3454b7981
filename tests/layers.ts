// Checks who imports whom: no circles, type imports included, and no import that runs up the layers.
//
//   deno task layers

import { alg, type Graph } from "@dagrejs/graphlib";
import { parseFlags } from "../cli/args.ts";
import { runMain } from "../cli/main.ts";
import { importGraph } from "./importGraph.ts";

/** Folders and files of the repository from the ground up: each may import what lies below it, and nothing beside it. */
const LAYERS: readonly (readonly string[])[] = [
  ["deno.json"],
  ["core"],
  ["cli"],
  ["datasets", "distributed", "records"],
  ["training"],
  ["experiments"],
  ["reports"],
  ["commands"],
  ["api", "lab"],
  ["examples"],
  ["mod.ts"],
  ["tests"],
];

/** Folders whose folders do not import each other: methods, commands. */
const APART: readonly string[] = ["core/methods", "commands"];

/** The neighbour that a folder builds on and may import from: ConvMAE is MAE with another encoder. */
const BUILDS_ON: Readonly<Record<string, string>> = { "core/methods/convmae": "core/methods/mae" };

/** Faults that are known and let pass, as `faults` writes them; one that is mended has to be taken off this list. */
export const ALLOWED: readonly string[] = [];

/**
 * What is wrong with a graph of imports, sorted:
 *
 *  circle: A, B, …   files that import each other, straight or by way of others
 *  up: A -> B        A imports B of a layer above, or of another folder of its own layer
 *  apart: A -> B     A imports B of a neighbour that it should not know
 *  no layer: A       A lies in no known layer
 */
export function faults(graph: Graph): string[] {
  const edges = graph.edges().map(({ v, w }) => ({ v, w, arrow: `${v} -> ${w}` }));
  return [
    ...alg.findCycles(graph).map((files) => `circle: ${files.sort().join(", ")}`),
    ...graph.nodes().filter((file) => layerOf(file) < 0).map((file) => `no layer: ${file}`),
    ...edges.filter(({ v, w }) => runsUp(v, w)).map(({ arrow }) => `up: ${arrow}`),
    ...edges.filter(({ v, w }) => APART.some((folder) => areApart(folder, v, w))).map(({ arrow }) => `apart: ${arrow}`),
  ].sort();
}

/** What of a graph is wrong and not allowed, and what is allowed and not there. */
export function complaints(graph: Graph, allowed: readonly string[]): string[] {
  const found = faults(graph);
  return [
    ...found.filter((fault) => !allowed.includes(fault)),
    ...allowed.filter((fault) => !found.includes(fault)).map((fault) => `mended, but still allowed: ${fault}`),
  ];
}

const top = (file: string) => file.split("/")[0];

function layerOf(file: string): number {
  return LAYERS.findIndex((names) => names.includes(top(file)));
}

function runsUp(from: string, to: string): boolean {
  return top(from) !== top(to) && layerOf(from) <= layerOf(to);
}

/** Whether two files lie in different folders of one, and that of the first does not build on that of the second. */
function areApart(folder: string, ...files: [string, string]): boolean {
  const [a, b] = files.map((file) => file.startsWith(`${folder}/`) ? file.slice(folder.length + 1).split("/") : []);
  return a.length > 1 && b.length > 1 && a[0] !== b[0] && BUILDS_ON[`${folder}/${a[0]}`] !== `${folder}/${b[0]}`;
}

async function main(args: string[]): Promise<number> {
  parseFlags(args, "deno task layers", {});
  const graph = await importGraph(new URL("../", import.meta.url)), wrong = complaints(graph, ALLOWED);
  for (const line of wrong) console.error(line);
  console.log(`${graph.nodeCount()} files, ${graph.edgeCount()} imports, ${wrong.length} complaints`);
  return wrong.length === 0 ? 0 : 1;
}

if (import.meta.main) await runMain(main);
