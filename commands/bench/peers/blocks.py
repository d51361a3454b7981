"""Pre-norm transformer blocks, and the forward and backward pass of a stack of them alone."""

import torch
import torch.nn as nn
import torch.nn.functional as F

EPS = 1e-6


class Block(nn.Module):
    def __init__(self, dim, heads, fused):
        super().__init__()
        self.heads, self.fused = heads, fused
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=EPS), nn.LayerNorm(dim, eps=EPS)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        if self.fused:
            a = F.scaled_dot_product_attention(q, k, v)
        else:
            a = ((q * (d // self.heads) ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        x = x + self.proj(a.transpose(1, 2).reshape(b, t, d))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class BlocksTrainer:
    """Forward and backward of 12 blocks to a random target; no optimiser."""

    def __init__(self, dim, heads, tokens, batch, fused):
        torch.manual_seed(0)
        self.blocks = nn.Sequential(*[Block(dim, heads, fused) for _ in range(12)])
        self.x, self.target = torch.randn(batch, tokens, dim), torch.randn(batch, tokens, dim)

    def step(self):
        self.blocks.zero_grad()
        F.mse_loss(self.blocks(self.x), self.target).backward()
        return {}
