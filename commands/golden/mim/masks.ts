import { ofCells } from "../../../core/masking/cells.ts";
import { disjointPair, disjointViews, type FreshRule } from "../../../core/masking/disjoint.ts";
import type { Mask } from "../../../core/masking/randomMask.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, type Quantity, quantity } from "../check.ts";

interface PairCase {
  case: number;
  pattern: "uniform" | "block";
  L: number;
  m_corr: number;
  m_pred: number;
}

interface RuleCase {
  case: number;
  rule: FreshRule["kind"];
  m_corr: number;
  m_pred: number;
  m_corr_new: number;
}

/** Integers of any type. */
function whole(file: SafetensorsFile, key: string): number[] {
  return Array.from(
    getTensor(file, key, BigInt64Array, Int32Array as never, Uint8Array as never, Float32Array as never).data,
    Number,
  );
}

const casesOf = <Case>(file: SafetensorsFile) => (JSON.parse(file.metadata.cfg) as { cases: Case[] }).cases;

/** Values of rows of masks that differ from a fixture's. */
function differing(
  file: SafetensorsFile,
  prefix: string,
  rows: readonly Mask[],
  parts: Record<string, (mask: Mask) => ArrayLike<number>>,
): Quantity[] {
  return Object.entries(parts).filter(([key]) => file.tensors.has(`${prefix}/${key}`)).map(([key, of]) => {
    const expected = whole(file, `${prefix}/${key}`), found = rows.flatMap((mask) => Array.from(of(mask)));
    const differ = found.length === expected.length
      ? found.filter((value, i) => value !== expected[i]).length
      : Infinity;
    return quantity(`${prefix}: ${key}, values that differ`, differ, 0);
  });
}

/**
 * Checks two disjoint views from given draws against the released masking functions, value by value.
 *
 * @param file a fixture of kind "dm-masks-k2"
 */
export function checkPairMasks(file: SafetensorsFile): Promise<Check> {
  const quantities = casesOf<PairCase>(file).flatMap(({ case: index, pattern, L, m_corr, m_pred }) => {
    const prefix = `c${index}`, noise = getTensor(file, `${prefix}/noise`, Float32Array), [images, units] = noise.shape;
    const draws = { visible: whole(file, `${prefix}/perm_vis`), masked: whole(file, `${prefix}/perm_mask`) };
    const pairs = Array.from({ length: images }, (_, image) => {
      const own = noise.data.subarray(image * units, (image + 1) * units);
      const pair = disjointPair(own, draws, { maskRatio: m_corr, predRatio: m_pred });
      return pattern === "block" ? pair.map((mask) => ofCells(mask, Math.sqrt(L))) : pair;
    });
    const rows = [0, 1].flatMap((view) => pairs.map((pair) => pair[view]));
    return differing(file, prefix, rows, {
      ids_keep: ({ idsKeep }) => idsKeep,
      mask: ({ mask }) => mask,
      ids_restore: ({ idsRestore }) => idsRestore,
    });
  });
  return Promise.resolve({ kind: "dm-masks-k2", quantities });
}

/**
 * Checks any number of disjoint views from given noise against the paper's rule, value by value.
 *
 * @param file a fixture of kind "dm-masks-rule"
 */
export function checkRuleMasks(file: SafetensorsFile): Promise<Check> {
  const quantities = casesOf<RuleCase>(file).flatMap(({ case: index, rule, m_corr, m_pred, m_corr_new }) => {
    const prefix = `c${index}`,
      noise = getTensor(file, `${prefix}/noise`, Float32Array),
      [K, images, units] = noise.shape;
    const all = Array.from({ length: images }, (_, image) => {
      const noises = Array.from({ length: K }, (_, view) => {
        const from = (view * images + image) * units;
        return noise.data.subarray(from, from + units);
      });
      const fresh: FreshRule = rule === "rate" ? { kind: rule, share: m_corr_new } : { kind: rule };
      return disjointViews(noises, { maskRatio: m_corr, predRatio: m_pred }, fresh);
    });
    const rows = Array.from({ length: K }, (_, view) => all.map((views) => views[view])).flat();
    return differing(file, prefix, rows, {
      ids_keep: ({ idsKeep }) => idsKeep,
      mask: ({ mask }) => mask,
    });
  });
  return Promise.resolve({ kind: "dm-masks-rule", quantities });
}
