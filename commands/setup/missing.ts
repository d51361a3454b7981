import { join } from "node:path";
import { exists, readWhole } from "../../cli/files.ts";

/** What a deno.json or package.json says of packages, as far as it is read here. */
interface Manifest {
  imports?: Record<string, string>;
  version?: string;
}

/** Packages that a project names and its `node_modules` has not got in that version, as name@version. */
export async function missingPackages(folder: string): Promise<string[]> {
  const found = await Promise.all(
    (await namedPackages(folder)).map(async ([name, version]) => {
      const { version: there } = await manifest(join(folder, "node_modules", name, "package.json"));
      return there === version ? [] : [`${name}@${version}`];
    }),
  );
  return found.flat();
}

/** Names and versions of the packages that deno.json imports. */
async function namedPackages(folder: string): Promise<[name: string, version: string][]> {
  const { imports = {} } = await manifest(join(folder, "deno.json"));
  return Object.values(imports).flatMap((specifier) => {
    const [, name, version] = /^npm:(.+)@([^@]+)$/.exec(specifier) ?? [];
    return name === undefined ? [] : [[name, version] as [string, string]];
  });
}

/** A manifest; an empty one where there is none. */
async function manifest(path: string): Promise<Manifest> {
  return await exists(path) ? JSON.parse(new TextDecoder().decode(await readWhole(path))) : {};
}
