import { readdirSync } from "node:fs";
import { Graph } from "@dagrejs/graphlib";
import { UserError } from "../core/errors.ts";

/** How many files one call of `deno info` is asked about: a command line has an end. */
const AT_ONCE = 200;

/** What `deno info --json` says about one module, as far as it is read here. */
interface Module {
  specifier: string;
  error?: string;
  dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
}

/**
 * Who imports whom among the files below a folder: a node a file, an edge an import, type imports and `import()` of a
 * fixed name included. Deno itself is asked, which reads the import map, the endings and the types as it does when it
 * runs. A file that is reached by its address alone (a worker, another process) has no edge.
 *
 * @param root a folder's address, with a slash at the end
 * @returns nodes are paths from the root
 * @throws {UserError} when a file cannot be read or imports one that is not there
 */
export async function importGraph(root: URL): Promise<Graph> {
  const graph = new Graph(), files = sourceFiles(root);
  for (let at = 0; at < files.length; at += AT_ONCE) {
    for (const { specifier, error, dependencies = [] } of await modulesOf(root, files.slice(at, at + AT_ONCE))) {
      if (!specifier.startsWith(root.href)) continue;
      if (error) throw new UserError(`Cannot read the imports of ${specifier}: ${error}`);
      const from = specifier.slice(root.href.length);
      graph.setNode(from);
      for (const target of dependencies.flatMap(({ code, type }) => [code?.specifier, type?.specifier])) {
        if (target?.startsWith(root.href)) graph.setEdge(from, target.slice(root.href.length));
      }
    }
  }
  return graph;
}

/** All TypeScript files below a folder but for packages and what is hidden. */
function sourceFiles(root: URL): string[] {
  const below = (folder: string): string[] =>
    readdirSync(new URL(folder, root), { withFileTypes: true })
      .filter(({ name }) => name !== "node_modules" && !name.startsWith("."))
      .flatMap((entry) => entry.isDirectory() ? below(`${folder}${entry.name}/`) : [folder + entry.name]);
  return below("").filter((path) => path.endsWith(".ts")).sort();
}

/** The files and all that they import, as Deno sees them. */
async function modulesOf(root: URL, files: string[]): Promise<Module[]> {
  const code = files.map((file) => `import "${new URL(file, root)}";`).join("");
  const address = `data:application/typescript,${encodeURIComponent(code)}`;
  const args = ["info", "--json", "--no-lock", "--no-remote", "--no-npm", address];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  const text = new TextDecoder();
  if (!success) throw new UserError(`Cannot read the imports below ${root.pathname}: ${text.decode(stderr).trim()}`);
  return JSON.parse(text.decode(stdout)).modules;
}
