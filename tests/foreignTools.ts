import { writeSafetensors } from "../core/safetensors/write.ts";

/** Of the encoders that are made up. */
export const WIDTH = 8;

/** An encoder's tensors under timm's names, each with values of its own. */
export function encoder(width = WIDTH): Record<string, number[]> {
  const shapes: Record<string, number[]> = {
    cls_token: [1, 1, width],
    "patch_embed.proj.weight": [width, 3, 4, 4],
    "patch_embed.proj.bias": [width],
  };
  for (const part of ["weight", "bias"]) {
    for (const name of ["norm1", "norm2"]) shapes[`blocks.0.${name}.${part}`] = [width];
  }
  const layers = [["attn.qkv", 3 * width, width], ["attn.proj", width, width], ["mlp.fc1", 4 * width, width]] as const;
  for (const [name, out, from] of [...layers, ["mlp.fc2", width, 4 * width] as const]) {
    shapes[`blocks.0.${name}.weight`] = [out, from];
    shapes[`blocks.0.${name}.bias`] = [out];
  }
  return shapes;
}

/** A tensor of made-up values, some of them given by index. */
export const tensor = (shape: number[], change: Record<number, number> = {}) => {
  const data = Float32Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, k) => change[k] ?? Math.sin(k + shape.length),
  );
  return { dtype: "F32" as const, shape, data };
};

/** Writes tensors of made-up values as safetensors. */
export async function save(
  path: string,
  shapes: Record<string, number[]>,
  change: Record<string, Record<number, number>> = {},
) {
  const entries = Object.entries(shapes).map(([name, shape]) =>
    [name, tensor(shape, change[name])] as [string, ReturnType<typeof tensor>]
  );
  await Deno.writeFile(path, writeSafetensors(entries));
}

/** The same shapes under other names. */
export const renamedKeys = (of: Record<string, number[]>, rename: (name: string) => string) =>
  Object.fromEntries(Object.entries(of).map(([name, shape]) => [rename(name), shape]));
export const OPTIONS = { heads: 2, imageSize: 8 };
