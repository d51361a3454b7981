"""LocalMIM pre-training in PyTorch on a graphics card: the peer of a step there, with its targets given.

Precision is f32, tf32 (products of 10 bits) or bf16 (autocast); attention and AdamW are the fused ones. With no card it
says so at its first repetition; CPU in place of CUDA is for tests of the bench.
"""

import os

import torch

from localmim import SCALES, LocalMim

SIZES = {
    "vit-b": dict(dim=768, heads=12, image=224, patch=16, width=256, decoder_heads=8),
    "96x12": dict(dim=96, heads=4, image=64, patch=8, width=64, decoder_heads=4),
}
PRECISIONS = ("f32", "tf32", "bf16")


class CardTrainer:
    def __init__(self, size, precision, batch, steps):
        self.device = "cpu" if os.environ.get("CARD_PEER_ON_CPU") else "cuda"
        if self.device == "cuda" and not torch.cuda.is_available():
            raise RuntimeError("no CUDA")
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
        shape = SIZES[size]
        self.model = LocalMim(fused=True, **shape).to(self.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.05, fused=True)
        image, grid = shape["image"], self.model.grid
        self.image = torch.randn(batch, 3, image, image, device=self.device)
        self.targets = [torch.rand(batch, int(grid * scale) ** 2, 27, device=self.device) for scale in SCALES]
        self.bf16, self.steps = precision == "bf16", steps

    def step(self):
        for _ in range(self.steps):
            noise = torch.rand(len(self.image), self.model.grid**2, device=self.device)
            with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
                loss = self.model(self.image, noise, self.targets)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            loss.item()
        if self.device == "cuda":
            torch.cuda.synchronize()
        return {}
