"""Checkpoints of timm's own models with random weights: python timm_checkpoints.py FOLDER MODELS

MODELS is JSON: names of timm's models with the options that make them. Of each, FOLDER gets NAME.pth, the weights under
"model" as training scripts keep them, and NAME.safetensors: `images` [1, 3, S, S] and what timm computes from them,
`tokens` [1, T, D] behind the last norm.
"""

import json
import sys
from pathlib import Path

import timm
import torch
from safetensors.torch import save_file


def randomise(model):
    """Weights of a size that lets every tensor tell: timm starts LayerScale and biases at nothing."""
    for name, parameter in model.named_parameters():
        if "gamma" in name or "norm" in name and name.endswith("weight"):
            parameter.uniform_(0.2, 1.2)
        elif parameter.dim() > 1 and "embed" not in name and "token" not in name:
            parameter.normal_(0, parameter[0].numel() ** -0.5)
        else:
            parameter.normal_(0, 0.3)


@torch.no_grad()
def main(folder, models):
    for k, (name, options) in enumerate(json.loads(models).items()):
        torch.manual_seed(k)
        model = timm.create_model(name, pretrained=False, **options).eval()
        randomise(model)
        side = options.get("img_size") or model.default_cfg["input_size"][-1]
        images = torch.randn(1, 3, side, side)
        tokens = model.forward_features(images)
        torch.save({"model": model.state_dict(), "epoch": 3}, Path(folder) / f"{name}.pth")
        save_file({"images": images, "tokens": tokens.contiguous()}, Path(folder) / f"{name}.safetensors")


if __name__ == "__main__":
    main(*sys.argv[1:])
