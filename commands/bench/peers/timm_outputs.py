"""What timm computes with exported weights: python timm_outputs.py WEIGHTS IMAGES OUTPUTS

WEIGHTS is a file of `deno task weights:export --names timm`, or its folder, from which timm builds the model; IMAGES holds `images` [B, 3, S, S]. OUTPUTS gets `tokens`
[B, N+1, D], normalised, of an encoder, or `logits` [B, C] of a classifier. Names and shapes have to fit strictly.
"""

import json
import os
import sys

import timm
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from timm.models.vision_transformer import VisionTransformer


def model_of(metadata):
    config, classes = json.loads(metadata["model"]), 0
    if metadata["kind"] == "classifier":
        classes = config["numClasses"]
    return VisionTransformer(
        img_size=config["imageSize"],
        patch_size=config["patchSize"],
        embed_dim=config["embedDim"],
        depth=config["depth"],
        num_heads=config["numHeads"],
        mlp_ratio=config["mlpRatio"],
        num_classes=classes,
        global_pool="avg" if classes else "token",
    )


def main(weights, images, outputs):
    folder = weights if os.path.isdir(weights) else None
    weights = os.path.join(folder, "model.safetensors") if folder else weights
    with safe_open(weights, "pt") as file:
        metadata = file.metadata()
    x = load_file(images)["images"]
    if folder:
        model = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    else:
        model = model_of(metadata).eval()
        model.load_state_dict(load_file(weights), strict=True)
    with torch.no_grad():
        found = {"logits": model(x)} if metadata["kind"] == "classifier" else {"tokens": model.forward_features(x)}
    save_file({name: value.contiguous() for name, value in found.items()}, outputs)


if __name__ == "__main__":
    main(*sys.argv[1:])
