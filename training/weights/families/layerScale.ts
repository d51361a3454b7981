import { checkFinite } from "../finite.ts";
import { countText, type StoredTensor, toFloat32 } from "../tensors.ts";

/**
 * LayerScale's factors in plain vision transformers (timm, DINOv2), and the layer behind which each stands. Those called gamma_1
 * and gamma_2 are not taken: they stand in timm's models with rotary positions, too, which leave no tensor that tells.
 */
const SCALE = /^(blocks\.\d+\.)ls([12])\.gamma$/;
const LAYERS = { 1: "attn.proj", 2: "mlp.fc2" } as const;

/**
 * Folds LayerScale into the layers before it: their outputs times a factor each are those of a layer whose rows, and bias,
 * are so many times as large.
 *
 * @param file for error messages
 * @param allowNan whether factors that are not finite are taken, too
 * @throws {UserError} when a factor or layer holds no floating-point numbers, or a factor is not finite
 */
export function withoutLayerScale(
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
  allowNan = false,
): { tensors: Map<string, StoredTensor>; notes: string[] } {
  const found = new Map(tensors),
    scales = [...tensors.keys()].flatMap((name) => {
      const [, block, which] = SCALE.exec(name) ?? [];
      return block === undefined ? [] : [{ name, layer: block + LAYERS[Number(which) as 1 | 2] }];
    });
  for (const { name, layer } of scales) {
    const [weight, bias] = ["weight", "bias"].map((part) => `${layer}.${part}`);
    const scale = toFloat32(tensors.get(name)!, file, name), rows = found.get(weight)?.shape[0];
    if (rows !== scale.length) continue; // it stays, and is refused as something unknown
    const { shape } = tensors.get(name)!;
    if (!allowNan) checkFinite(new Map([[name, { dtype: "F32", shape: [...shape], data: scale }]]), file);
    found.delete(name);
    for (const own of [weight, bias]) {
      const stored = found.get(own);
      if (!stored) continue;
      const values = toFloat32(stored, file, own), width = values.length / scale.length;
      const data = values.map((value, k) => value * scale[Math.floor(k / width)]);
      found.set(own, { dtype: "F32", shape: stored.shape, read: () => data });
    }
  }
  const folded = tensors.size - found.size;
  return {
    tensors: found,
    notes: folded > 0 ? [`LayerScale folded into the layers before it: ${countText(folded)}`] : [],
  };
}
