/** The folder of onnxruntime-node, from its root, that holds the libraries of all platforms. */
export const LIBRARIES = "bin/napi-v6";

/** The folders of this platform's library, as onnxruntime-node names them; nothing where it has no name for the system. */
export function platformFolders(): [platform: string, cpu: string] | undefined {
  const platforms: Record<string, string> = { linux: "linux", darwin: "darwin", windows: "win32" };
  const platform = platforms[Deno.build.os];
  return platform === undefined ? undefined : [platform, Deno.build.arch === "aarch64" ? "arm64" : "x64"];
}
