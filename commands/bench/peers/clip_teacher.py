"""Writes a tiny image encoder under CLIP's names, and the features that it gives to an image: tests/fixtures/clip.

    python clip_teacher.py FOLDER
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

WIDTH, PATCH, SIDE, DEPTH, HIDDEN, HEADS = 64, 8, 32, 2, 16, 1
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def normal(*shape, scale=0.1):
    return (torch.randn(*shape) * scale).half()


def weights():
    found = {
        "visual.class_embedding": normal(WIDTH),
        "visual.positional_embedding": normal((SIDE // PATCH) ** 2 + 1, WIDTH),
        "visual.proj": normal(WIDTH, 8),
        "visual.conv1.weight": normal(WIDTH, 3, PATCH, PATCH, scale=0.05),
    }
    norms = ["visual.ln_pre", "visual.ln_post"]
    for i in range(DEPTH):
        block = f"visual.transformer.resblocks.{i}."
        norms += [block + "ln_1", block + "ln_2"]
        found |= {
            block + "attn.in_proj_weight": normal(3 * WIDTH, WIDTH, scale=0.2),
            block + "attn.in_proj_bias": normal(3 * WIDTH),
            block + "attn.out_proj.weight": normal(WIDTH, WIDTH),
            block + "attn.out_proj.bias": normal(WIDTH),
            block + "mlp.c_fc.weight": normal(HIDDEN, WIDTH, scale=0.3),
            block + "mlp.c_fc.bias": normal(HIDDEN),
            block + "mlp.c_proj.weight": normal(WIDTH, HIDDEN, scale=0.3),
            block + "mlp.c_proj.bias": normal(WIDTH),
        }
    for name in norms:
        found |= {name + ".weight": 1 + normal(WIDTH), name + ".bias": normal(WIDTH)}
    # What stands beside the image encoder, of which nothing is read.
    return found | {"token_embedding.weight": normal(3, 4), "logit_scale": torch.tensor(4.6).half()}


def features(stored):
    w = {name: value.float() for name, value in stored.items()}

    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), w[name + ".weight"], w[name + ".bias"], 1e-5)

    def linear(x, name):
        return F.linear(x, w[name + ".weight"], w[name + ".bias"])

    pixels = torch.tensor([(k * 7919) % 251 for k in range(SIDE * SIDE * 3)], dtype=torch.float32)
    image = (pixels.reshape(SIDE, SIDE, 3) / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    x = F.conv2d(image.permute(2, 0, 1)[None], w["visual.conv1.weight"], stride=PATCH).flatten(2).transpose(1, 2)
    x = torch.cat([w["visual.class_embedding"].expand(1, 1, WIDTH), x], 1) + w["visual.positional_embedding"]
    x = norm(x, "visual.ln_pre")
    for i in range(DEPTH):
        block = f"visual.transformer.resblocks.{i}."
        attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        prefix = block + "attn."
        attention.load_state_dict({n[len(prefix):]: v for n, v in w.items() if n.startswith(prefix)})
        y = norm(x, block + "ln_1")
        x = x + attention(y, y, y, need_weights=False)[0]
        y = linear(norm(x, block + "ln_2"), block + "mlp.c_fc")
        x = x + linear(y * torch.sigmoid(1.702 * y), block + "mlp.c_proj")
    return norm(x, "visual.ln_post")[0, 1:].detach().contiguous()


if __name__ == "__main__":
    torch.manual_seed(5)
    folder = Path(sys.argv[1])
    encoder = weights()
    save_file(encoder, folder / "tiny.safetensors")
    save_file({"features": features(encoder)}, folder / "features.safetensors")
