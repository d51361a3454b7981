import { UserError } from "../../errors.ts";
import { kernelX, kernelY } from "../../hog/sobel.ts";
import { gridSize } from "../../models/config.ts";
import { posEmbedTensor } from "../../models/posEmbed.ts";
import type { ShapeReader } from "../../models/shapeReader.ts";
import type { Official } from "../official.ts";
import { LOCALMIM_TARGETS, LOCALMIM_VIT_B, type LocalMimConfig } from "./config.ts";

/** State dicts of the LocalMIM and ViTFreeze code: sin-cos positions, and the Sobel kernels of the HOG targets. */
export const localMimOfficial: Official<LocalMimConfig> = {
  fixed(config) {
    const grid = gridSize(config), fixed = new Map([["pos_embed", posEmbedTensor(config.embedDim, grid)]]);
    config.stageBlocks.forEach((_, stage) => {
      fixed.set(`decoder.${stage}.pos_embed`, posEmbedTensor(config.decoderDim, grid));
      const kernels = Float32Array.from([...kernelX, ...kernelY]);
      fixed.set(`hog_enc.${stage}.conv.weight`, { dtype: "F32", shape: [2, 1, 3, 3], data: kernels });
    });
    return fixed;
  },
  /** LocalMIM's hog_bias belongs to the target too. */
  isTarget: (name) => /^hog_enc\.\d+\.conv\.(weight|bias)$/.test(name),
  lastNorm({ stageBlocks, depth }) {
    const stage = stageBlocks.indexOf(depth);
    return stage < 0 ? undefined : `norm.${stage}`;
  },
  knows: (names) => names.has("decoder.0.embed.weight"),
  infer(reader, vit, options, assumed) {
    const stages = reader.count(/^decoder\.(\d+)\./, "decoders");
    const heads = Array.from({ length: stages }, (_, stage) => inferHead(reader, `decoder.${stage}.pred`));
    const stageScales = heads.map(({ scale }) => scale);
    const decoderHeads = options.decoderHeads ?? LOCALMIM_VIT_B.decoderHeads;
    if (options.decoderHeads === undefined) assumed.push(`--decoder-heads ${decoderHeads}`);
    const stageBlocks = options.stageBlocks ?? defaultBlocks(vit.depth, stageScales, reader.file);
    if (!options.stageBlocks) assumed.push(`--stage-blocks ${stageBlocks.join(",")}`);
    return {
      ...vit,
      maskRatio: LOCALMIM_TARGETS.maskRatio,
      stageBlocks,
      stageScales,
      decoderDim: reader.shape("decoder.0.embed.weight", 2)[0],
      decoderHeads,
      hogBins: heads[0].channels / 3,
    };
  },
};

/** Scale and output channels of a decoder's head: which layers it has tells them apart (LocalMIM code). */
function inferHead({ tensors, file }: ShapeReader, name: string): { scale: number; channels: number } {
  const has = (index: number) => tensors.get(`${name}.${index}.weight`);
  const [first, second, last] = [has(0), has(1), has(4)];
  if (last) return { scale: 4, channels: last.shape[0] };
  if (first && second) return { scale: 2, channels: second.shape[0] };
  if (first) return { scale: 1, channels: first.shape[0] };
  if (second) return { scale: 0.5, channels: second.shape[0] };
  throw new UserError(`Cannot read ${file}: it holds no tensors ${name}.*`);
}

/** Blocks 2, 4, depth - 2 and depth (LocalMIM code); freezing drops the first decoders, so the last ones count. */
function defaultBlocks(depth: number, scales: readonly number[], file: string): number[] {
  const known = LOCALMIM_TARGETS.stageScales, from = known.length - scales.length;
  const published = depth > 6 && from >= 0 && scales.every((scale, stage) => scale === known[from + stage]);
  if (published) return [2, 4, depth - 2, depth].slice(from);
  throw new UserError(
    `Cannot tell which of ${depth} blocks the decoders of ${file} follow, whose scales are ${scales.join(", ")}: ` +
      "want --stage-blocks N,N",
  );
}
