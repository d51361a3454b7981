"""Masked image modelling in PyTorch with fused attention and fused AdamW: the tuned peers of whole training steps.

MAE, SimMIM, MaskFeat and ConvMAE on ViT-B/16, 224 pixels, with masks drawn in each step.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import EPS, Block
from hog import SharedHog
from localmim import sincos

IMAGE, PATCH, DIM, HEADS = 224, 16, 768, 12
GRID = IMAGE // PATCH
TOKENS = GRID * GRID


def patches(images):
    """[B, 3, 224, 224] to [B, N, 768], pixels row by row with their channels together."""
    b = len(images)
    x = images.view(b, 3, GRID, PATCH, GRID, PATCH).permute(0, 2, 4, 3, 5, 1)
    return x.reshape(b, TOKENS, PATCH * PATCH * 3)


def normalised(target):
    return (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6).sqrt()


def drawn(rows, ratio=0.75):
    """Visible patches [R, V], the way back [R, N], masked ones as 1 [R, N]."""
    order = torch.rand(rows, TOKENS).argsort(1)
    restore, kept = order.argsort(1), int(TOKENS * (1 - ratio))
    return order[:, :kept], restore, (restore >= kept).float()


def taken(x, index):
    return torch.gather(x, 1, index[:, :, None].expand(-1, -1, x.shape[-1]))


class PixelDecoder(nn.Module):
    """MAE's decoder: 8 blocks of width 512 over all patches, pixels of each."""

    def __init__(self, width=512, heads=16, depth=8):
        super().__init__()
        self.embed, self.mask_token = nn.Linear(DIM, width), nn.Parameter(torch.zeros(1, 1, width))
        self.register_buffer("pos", sincos(width, GRID))
        self.blocks = nn.Sequential(*[Block(width, heads, True) for _ in range(depth)])
        self.norm, self.pred = nn.LayerNorm(width, eps=EPS), nn.Linear(width, PATCH * PATCH * 3)

    def forward(self, latent, restore, cls):
        x = self.embed(latent)
        b, t, d = x.shape
        tokens = torch.cat([x[:, cls:], self.mask_token.expand(b, restore.shape[1] + cls - t, d)], 1)
        tokens = taken(tokens, restore)
        x = torch.cat([x[:, :1], tokens], 1) + self.pos if cls else tokens + self.pos[1:]
        return self.pred(self.norm(self.blocks(x)))[:, cls:]


class Mae(nn.Module):
    def __init__(self, views=1):
        super().__init__()
        self.views = views
        self.patch_embed, self.cls_token = nn.Conv2d(3, DIM, PATCH, PATCH), nn.Parameter(torch.zeros(1, 1, DIM))
        self.register_buffer("pos", sincos(DIM, GRID))
        self.blocks = nn.Sequential(*[Block(DIM, HEADS, True) for _ in range(12)])
        self.norm, self.decoder = nn.LayerNorm(DIM, eps=EPS), PixelDecoder()

    def forward(self, image):
        keep, restore, mask = drawn(len(image) * self.views)
        x = self.patch_embed(image).flatten(2).transpose(1, 2) + self.pos[1:]
        x = taken(x.repeat(self.views, 1, 1), keep)
        x = torch.cat([(self.cls_token + self.pos[:1]).expand(len(x), -1, -1), x], 1)
        predicted = self.decoder(self.norm(self.blocks(x)), restore, 1)
        target = normalised(patches(image)).repeat(self.views, 1, 1)
        return ((predicted - target).square().mean(-1) * mask).sum() / mask.sum()


class RelativeBlock(nn.Module):
    """Block of BEiT's vision transformer: a bias of relative positions shared by all blocks, layer scale, no bias of the keys."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(DIM, eps=EPS), nn.LayerNorm(DIM, eps=EPS)
        self.qkv, self.proj = nn.Linear(DIM, 3 * DIM, bias=False), nn.Linear(DIM, DIM)
        self.q_bias, self.v_bias = nn.Parameter(torch.zeros(DIM)), nn.Parameter(torch.zeros(DIM))
        self.fc1, self.fc2 = nn.Linear(DIM, 4 * DIM), nn.Linear(4 * DIM, DIM)
        self.gamma_1, self.gamma_2 = (nn.Parameter(0.1 * torch.ones(DIM)) for _ in range(2))

    def forward(self, x, bias):
        b, t, d = x.shape
        own = torch.cat([self.q_bias, torch.zeros(d), self.v_bias])
        qkv = F.linear(self.norm1(x), self.qkv.weight, own)
        q, k, v = qkv.view(b, t, 3, HEADS, d // HEADS).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        x = x + self.gamma_1 * self.proj(a.transpose(1, 2).reshape(b, t, d))
        return x + self.gamma_2 * self.fc2(F.gelu(self.fc1(self.norm2(x))))


class SharedBias(nn.Module):
    """Relative positions of the patches, and three more for those with the class token, to a bias [heads, N + 1, N + 1]."""

    def __init__(self):
        super().__init__()
        side = 2 * GRID - 1
        self.table = nn.Parameter(torch.zeros(side * side + 3, HEADS))
        place = torch.stack(torch.meshgrid(torch.arange(GRID), torch.arange(GRID), indexing="ij")).flatten(1)
        apart = (place[:, :, None] - place[:, None]).permute(1, 2, 0) + GRID - 1
        index = torch.zeros(TOKENS + 1, TOKENS + 1, dtype=torch.long)
        index[1:, 1:] = apart[:, :, 0] * side + apart[:, :, 1]
        index[0, :], index[:, 0], index[0, 0] = side * side, side * side + 1, side * side + 2
        self.register_buffer("index", index)

    def forward(self):
        return self.table[self.index.flatten()].view(TOKENS + 1, TOKENS + 1, HEADS).permute(2, 0, 1)


class SimMim(nn.Module):
    """All tokens through the encoder, L1 of the masked raw pixels; cells of 2 x 2 patches, 0.6 of them masked."""

    def __init__(self):
        super().__init__()
        self.patch_embed, self.cls_token = nn.Conv2d(3, DIM, PATCH, PATCH), nn.Parameter(torch.zeros(1, 1, DIM))
        self.mask_token, self.bias = nn.Parameter(torch.zeros(1, 1, DIM)), SharedBias()
        self.blocks = nn.ModuleList(RelativeBlock() for _ in range(12))
        self.norm, self.head = nn.LayerNorm(DIM, eps=EPS), nn.Conv2d(DIM, PATCH * PATCH * 3, 1)

    def forward(self, image):
        b, cells = len(image), GRID // 2
        order = torch.rand(b, cells * cells).argsort(1).argsort(1)
        mask = (order < round(0.6 * cells * cells)).float().view(b, cells, cells)
        mask = mask.repeat_interleave(2, 1).repeat_interleave(2, 2)
        x = self.patch_embed(image).flatten(2).transpose(1, 2)
        w = mask.flatten(1)[:, :, None]
        x = torch.cat([self.cls_token.expand(b, -1, -1), x * (1 - w) + self.mask_token * w], 1)
        bias = self.bias()
        for block in self.blocks:
            x = block(x, bias)
        x = self.norm(x)[:, 1:].transpose(1, 2).reshape(b, DIM, GRID, GRID)
        pixels = F.pixel_shuffle(self.head(x), PATCH)
        wide = mask.repeat_interleave(PATCH, 1).repeat_interleave(PATCH, 2)[:, None]
        return ((image - pixels).abs() * wide).sum() / (wide.sum() + 1e-5) / 3


class MaskFeat(nn.Module):
    """All tokens through the encoder, HOG of cells of 8 pixels of the masked ones."""

    def __init__(self):
        super().__init__()
        self.patch_embed, self.cls_token = nn.Conv2d(3, DIM, PATCH, PATCH), nn.Parameter(torch.zeros(1, 1, DIM))
        self.mask_token, self.pos = nn.Parameter(torch.zeros(1, 1, DIM)), nn.Parameter(torch.zeros(1, TOKENS + 1, DIM))
        self.blocks = nn.Sequential(*[Block(DIM, HEADS, True) for _ in range(12)])
        self.norm, self.head, self.hog = nn.LayerNorm(DIM, eps=EPS), nn.Linear(DIM, 108), SharedHog()

    def forward(self, image):
        b = len(image)
        target = self.hog(image)[1]  # cells of 8 pixels, [B, 784, 27]
        target = target.view(b, GRID, 2, GRID, 2, 27).permute(0, 1, 3, 5, 2, 4).reshape(b, TOKENS, 108)
        mask = drawn(b, 0.4)[2]
        x = self.patch_embed(image).flatten(2).transpose(1, 2)
        x = x * (1 - mask[:, :, None]) + self.mask_token * mask[:, :, None]
        x = self.blocks(torch.cat([self.cls_token.expand(b, -1, -1), x], 1) + self.pos)
        masked = mask.bool()
        return F.mse_loss(self.head(self.norm(x)[:, 1:][masked]), target[masked])


class MapNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=1e-5)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvBlock(nn.Module):
    """Depthwise 5 x 5 between two 1 x 1, masked in front of it, and an MLP of 1 x 1 convolutions."""

    def __init__(self, width, ratio=4):
        super().__init__()
        self.norm1, self.norm2 = MapNorm(width), MapNorm(width)
        self.conv1, self.conv2 = nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)
        self.attn = nn.Conv2d(width, width, 5, padding=2, groups=width)
        self.fc1, self.fc2 = nn.Conv2d(width, ratio * width, 1), nn.Conv2d(ratio * width, width, 1)

    def forward(self, x, seen):
        x = x + self.conv2(self.attn(seen * self.conv1(self.norm1(x))))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class Embed(nn.Module):
    def __init__(self, inputs, outputs, size):
        super().__init__()
        self.proj, self.norm = nn.Conv2d(inputs, outputs, size, size), MapNorm(outputs)

    def forward(self, x):
        return F.gelu(self.norm(self.proj(x)))


class ConvMae(nn.Module):
    """ConvMAE-B: two stages of two convolution blocks, 11 transformer blocks on the visible patches."""

    def __init__(self):
        super().__init__()
        self.embed1, self.embed2, self.embed3 = Embed(3, 256, 4), Embed(256, 384, 2), Embed(384, DIM, 2)
        self.embed4 = nn.Linear(DIM, DIM)
        self.blocks1 = nn.ModuleList(ConvBlock(256) for _ in range(2))
        self.blocks2 = nn.ModuleList(ConvBlock(384) for _ in range(2))
        self.stage1, self.stage2 = nn.Conv2d(256, DIM, 4, 4), nn.Conv2d(384, DIM, 2, 2)
        self.register_buffer("pos", sincos(DIM, GRID))
        self.blocks3 = nn.Sequential(*[Block(DIM, HEADS, True) for _ in range(11)])
        self.norm, self.decoder = nn.LayerNorm(DIM, eps=EPS), PixelDecoder()

    def forward(self, image):
        keep, restore, mask = drawn(len(image))
        seen = (1 - mask).view(-1, 1, GRID, GRID)
        wide = lambda k: seen.repeat_interleave(k, 2).repeat_interleave(k, 3)
        x = self.embed1(image)
        for block in self.blocks1:
            x = block(x, wide(4))
        stage1 = self.stage1(x).flatten(2).transpose(1, 2)
        x = self.embed2(x)
        for block in self.blocks2:
            x = block(x, wide(2))
        stage2 = self.stage2(x).flatten(2).transpose(1, 2)
        x = self.embed4(self.embed3(x).flatten(2).transpose(1, 2)) + self.pos[1:]
        x = self.blocks3(taken(x, keep))
        x = self.norm(x + taken(stage1, keep) + taken(stage2, keep))
        predicted = self.decoder(x, restore, 0)
        return ((predicted - normalised(patches(image))).square().mean(-1) * mask).sum() / mask.sum()


class MimTrainer:
    """Forward, backward pass and AdamW on one batch of made-up images."""

    def __init__(self, model, batch, lr=1e-4):
        torch.manual_seed(0)
        self.model, self.image = model(), torch.randn(batch, 3, IMAGE, IMAGE)
        groups = [[p for p in self.model.parameters() if (p.ndim > 1) == decay] for decay in (False, True)]
        self.optimizer = torch.optim.AdamW(
            [{"params": groups[0], "weight_decay": 0.0}, {"params": groups[1], "weight_decay": 0.05}],
            lr=lr, betas=(0.9, 0.95), fused=True)

    def step(self):
        loss = self.model(self.image)
        self.optimizer.zero_grad()
        loss.backward()
        loss.item()
        self.optimizer.step()
        return {}


MODELS = {"mae": Mae, "simmim": SimMim, "maskfeat": MaskFeat, "convmae": ConvMae}
