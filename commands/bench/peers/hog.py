"""HOG targets of colour images: cells of 4, 8, 16 and 32 pixels, 9 orientation bins, L2 norm per cell and channel."""

import torch
import torch.nn as nn
import torch.nn.functional as F

CELLS = (4, 8, 16, 32)


class ReleasedHog(nn.Module):
    """One pass per scale and colour channel through a dense tensor of bins, the way the released code computes it."""

    def __init__(self, bins=9):
        super().__init__()
        self.bins = bins
        sobel = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
        self.gradient = nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect", bias=False)
        self.gradient.weight = nn.Parameter(torch.stack([sobel, sobel.t()])[:, None], requires_grad=False)

    def channel(self, plane, cell):
        gxy = self.gradient(plane)
        norm = gxy.norm(dim=1)[:, None]
        phase = torch.atan2(gxy[:, 0], gxy[:, 1])[:, None] / torch.pi * self.bins
        batch, _, height, width = gxy.shape
        histogram = torch.zeros(batch, self.bins, height, width)
        histogram.scatter_(1, phase.floor().long() % self.bins, norm)
        return F.normalize(F.avg_pool2d(histogram, cell), dim=1)

    @torch.no_grad()
    def forward(self, images):
        scales = [torch.cat([self.channel(images[:, c : c + 1], cell) for c in range(3)], 1) for cell in CELLS]
        return [scale.flatten(2).transpose(1, 2) for scale in scales]  # [B, cells, 27]


class SharedHog(nn.Module):
    """All channels at once, one histogram at the finest cell, the coarser ones pooled from it."""

    def __init__(self, bins=9):
        super().__init__()
        self.bins = bins
        sobel = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
        self.register_buffer("wx", sobel.view(1, 1, 3, 3).repeat(3, 1, 1, 1))
        self.register_buffer("wy", sobel.t().reshape(1, 1, 3, 3).repeat(3, 1, 1, 1))

    @torch.no_grad()
    def forward(self, images):
        padded = F.pad(images, (1, 1, 1, 1), mode="reflect")
        gx, gy = F.conv2d(padded, self.wx, groups=3), F.conv2d(padded, self.wy, groups=3)
        bins = (torch.atan2(gx, gy) / torch.pi * self.bins).floor().long() % self.bins
        batch, channels, height, width = gx.shape
        dense = torch.zeros(batch, channels, self.bins, height, width)
        dense.scatter_(2, bins[:, :, None], torch.hypot(gx, gy)[:, :, None])
        fine = F.avg_pool2d(dense.flatten(1, 2), CELLS[0])
        fine = fine.view(batch, channels, self.bins, height // CELLS[0], width // CELLS[0])
        pooled = [F.avg_pool3d(fine, (1, cell // CELLS[0], cell // CELLS[0])) for cell in CELLS]
        return [F.normalize(scale, dim=2).flatten(1, 2).flatten(2).transpose(1, 2) for scale in pooled]
