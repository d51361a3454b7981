"""LocalMIM-HOG pre-training in PyTorch: the peer of a whole training step.

`released` does what the released code does: a HOG target per scale and channel, attention as two products, heads on all
tokens, the norm of all gradients, AdamW without fusion. `tuned` computes one histogram for all scales, uses fused
attention and fused AdamW, and takes no gradient norm. Both compute the same loss.
"""

import time

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import EPS, Block
from hog import CELLS, ReleasedHog, SharedHog

STAGES, SCALES = (2, 4, 10, 12), (4, 2, 1, 0.5)


def sincos(dim, grid):
    """Fixed 2-D sin-cos positions, [grid * grid + 1, dim]; row 0 is the class token's."""
    omega = 1 / 10000 ** (torch.arange(dim // 4, dtype=torch.float64) / (dim / 4))
    y, x = torch.meshgrid(torch.arange(grid), torch.arange(grid), indexing="ij")
    parts = [f(p.reshape(-1, 1) * omega) for p in (x, y) for f in (torch.sin, torch.cos)]
    return torch.cat([torch.zeros(1, dim), torch.cat(parts, dim=1).float()])


class ChannelNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=EPS)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def head(scale, width, channels):
    """From tokens on a grid, [B, width, side, side], to [B, channels, side * scale, side * scale]."""
    half, quarter = width // 2, width // 4
    if scale == 4:
        up = [nn.ConvTranspose2d(width, half, 2, 2), ChannelNorm(half), nn.GELU(), nn.ConvTranspose2d(half, quarter, 2, 2)]
        return nn.Sequential(*up, nn.Conv2d(quarter, channels, 1))
    if scale == 2:
        return nn.Sequential(nn.ConvTranspose2d(width, half, 2, 2), nn.Conv2d(half, channels, 1))
    if scale == 1:
        return nn.Conv2d(width, channels, 1)
    return nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(width, channels, 1))


class Decoder(nn.Module):
    def __init__(self, dim, grid, scale, fused, width=256, heads=8, channels=27):
        super().__init__()
        self.grid, self.embed = grid, nn.Linear(dim, width)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
        self.register_buffer("pos", sincos(width, grid))
        self.block, self.norm = Block(width, heads, fused), nn.LayerNorm(width, eps=EPS)
        self.head = head(scale, width, channels)

    def forward(self, latent, restore):
        x = self.embed(latent)
        b, t, d = x.shape
        tokens = torch.cat([x[:, 1:], self.mask_token.expand(b, restore.shape[1] + 1 - t, d)], 1)
        tokens = torch.gather(tokens, 1, restore[:, :, None].expand(-1, -1, d))
        x = self.norm(self.block(torch.cat([x[:, :1], tokens], 1) + self.pos))[:, 1:]
        x = self.head(x.transpose(1, 2).reshape(b, d, self.grid, self.grid))
        return x.flatten(2).transpose(1, 2)  # [B, cells, 27]


class LocalMim(nn.Module):
    def __init__(self, fused, dim=768, heads=12, depth=12, image=224, patch=16, width=256, decoder_heads=8):
        super().__init__()
        self.grid = image // patch
        self.patch_embed = nn.Conv2d(3, dim, patch, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.register_buffer("pos", sincos(dim, self.grid))
        self.blocks = nn.ModuleList(Block(dim, heads, fused) for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(dim, eps=EPS) for _ in STAGES)
        self.decoders = nn.ModuleList(Decoder(dim, self.grid, scale, fused, width, decoder_heads) for scale in SCALES)

    def forward(self, image, noise, targets, ratio=0.75):
        order = noise.argsort(1)
        restore, keep = order.argsort(1), int(noise.shape[1] * (1 - ratio))
        x = self.patch_embed(image).flatten(2).transpose(1, 2) + self.pos[1:]
        x = torch.gather(x, 1, order[:, :keep, None].expand(-1, -1, x.shape[-1]))
        x = torch.cat([(self.cls_token + self.pos[:1]).expand(len(x), -1, -1), x], 1)
        mask = (restore >= keep).float().view(-1, 1, self.grid, self.grid)
        loss, stage = 0, 0
        for depth, block in enumerate(self.blocks, 1):
            x = block(x)
            if depth not in STAGES:
                continue
            scale = SCALES[stage]
            prediction = self.decoders[stage](self.norms[stage](x), restore)
            weight = F.avg_pool2d(mask, 2) if scale < 1 else mask.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
            weight = weight.flatten(1)
            error = (prediction - targets[stage]).square().mean(-1)
            loss = loss + (error * weight).sum() / weight.sum()
            stage += 1
        return loss


class StepTrainer:
    """One training step at a time on one batch of made-up images; tells the seconds of its parts.

    With bf16 the model computes in bfloat16 where autocast says so; weights and optimiser stay in float32."""

    def __init__(self, tuned, batch, lr=1e-4, bf16=False):
        torch.manual_seed(0)
        self.model, self.hog = LocalMim(fused=tuned), SharedHog() if tuned else ReleasedHog()
        groups = [[p for p in self.model.parameters() if (p.ndim > 1) == decay] for decay in (False, True)]
        self.optimizer = torch.optim.AdamW(
            [{"params": groups[0], "weight_decay": 0.0}, {"params": groups[1], "weight_decay": 0.05}],
            lr=lr, betas=(0.9, 0.95), fused=tuned)
        self.image, self.tuned, self.bf16 = torch.randn(batch, 3, 224, 224), tuned, bf16

    def step(self):
        marks = [time.perf_counter()]
        targets = self.hog(self.image)
        marks.append(time.perf_counter())
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            loss = self.model(self.image, torch.rand(len(self.image), self.model.grid**2), targets)
        self.optimizer.zero_grad()
        loss.backward()
        loss.item()
        marks.append(time.perf_counter())
        if not self.tuned:
            torch.stack([p.grad.norm() for p in self.model.parameters() if p.grad is not None]).norm().item()
        self.optimizer.step()
        marks.append(time.perf_counter())
        return dict(zip(("hog", "step", "optimizer"), (b - a for a, b in zip(marks, marks[1:]))))
