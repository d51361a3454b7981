import type { EncoderConfig } from "../../core/models/config.ts";
import { IMAGENET_MEAN, IMAGENET_STD } from "../../datasets/transforms/normalize.ts";
import { type Model, vitOf } from "./model.ts";

/** A vision transformer of timm; what differs from it stands in `model_args`. */
const ARCHITECTURE = "vit_base_patch16_224";

/**
 * What stands in `config.json` of a folder from which timm builds a model, `timm.create_model("local-dir:FOLDER")`, and of a
 * model repository: its shape, and how its images are normalised.
 *
 * @param model as it is exported under timm's names
 * @param testCropRatio share of a test image's side that is seen, where it is known
 */
export function timmConfig(model: Model, testCropRatio?: number): Record<string, unknown> {
  const { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } = vitOf(model) as EncoderConfig;
  const classes = (model.config as { numClasses?: number }).numClasses ?? 0;
  return {
    architecture: ARCHITECTURE,
    num_classes: classes,
    num_features: embedDim,
    global_pool: classes > 0 ? "avg" : "token",
    model_args: {
      img_size: imageSize,
      patch_size: patchSize,
      embed_dim: embedDim,
      depth,
      num_heads: numHeads,
      mlp_ratio: mlpRatio,
      global_pool: classes > 0 ? "avg" : "token",
    },
    pretrained_cfg: {
      num_classes: classes,
      input_size: [3, imageSize, imageSize],
      fixed_input_size: true,
      interpolation: "bicubic",
      ...(testCropRatio !== undefined && { crop_pct: testCropRatio }),
      mean: IMAGENET_MEAN,
      std: IMAGENET_STD,
      first_conv: "patch_embed.proj",
      classifier: "head",
    },
  };
}
