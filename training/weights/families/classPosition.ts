import { type StoredTensor, toFloat32 } from "../tensors.ts";

/**
 * Positions with a row for the class token, where a file has them for the patches alone (timm's `no_embed_class`, DeiT III):
 * the class token gets none there, so its row is zero.
 *
 * @param file for error messages
 * @returns the tensors, and what was done, in words
 * @throws {UserError} when the positions are no floating-point numbers
 */
export function withClassPosition(
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
): { tensors: ReadonlyMap<string, StoredTensor>; notes: string[] } {
  const positions = tensors.get("pos_embed"), [one, count, width] = positions?.shape ?? [];
  const isGrid = positions?.shape.length === 3 && one === 1 && count > 0 && Number.isInteger(Math.sqrt(count));
  if (!isGrid || !tensors.has("cls_token")) return { tensors, notes: [] };
  const shape = [1, count + 1, width];
  const read = () => {
    const data = new Float32Array((count + 1) * width);
    data.set(toFloat32(positions, file, "pos_embed"), width);
    return data;
  };
  return {
    tensors: new Map([...tensors, ["pos_embed", { dtype: "F32", shape, read }]]),
    notes: ["positions of the patches alone: zeros put before them for the class token"],
  };
}
