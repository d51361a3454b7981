"""Convolutional networks on 32-pixel images: a whole step of training in PyTorch, in either memory format."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(inputs, outputs, size, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)


class WideBlock(nn.Module):
    """Pre-activation block; where the width changes, the shortcut starts behind the first activation."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), conv(inputs, outputs, 3, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), conv(outputs, outputs, 3)
        self.shortcut = conv(inputs, outputs, 1, stride) if inputs != outputs else None

    def forward(self, x):
        a = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(a))))
        return y + (self.shortcut(a) if self.shortcut else x)


class ResidualBlock(nn.Module):
    """Basic block of ResNet: the activation behind the sum."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = conv(outputs, outputs, 3), nn.BatchNorm2d(outputs)
        same = inputs == outputs and stride == 1
        self.shortcut = None if same else nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.shortcut(x) if self.shortcut else x))


class DenseUnit(nn.Module):
    """Bottleneck unit of DenseNet-BC: its maps are put behind those it has read."""

    def __init__(self, inputs, growth):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), conv(inputs, 4 * growth, 1)
        self.bn2, self.conv2 = nn.BatchNorm2d(4 * growth), conv(4 * growth, growth, 3)

    def forward(self, x):
        return torch.cat([x, self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))], 1)


class Transition(nn.Module):
    """Halves maps and sides; ReLU before the norm, as FreezeOut has it."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), conv(inputs, outputs, 1)

    def forward(self, x):
        return F.avg_pool2d(self.conv1(self.bn1(F.relu(x))), 2)


class Head(nn.Module):
    def __init__(self, inputs, classes, norm=True):
        super().__init__()
        self.bn, self.fc = nn.BatchNorm2d(inputs) if norm else None, nn.Linear(inputs, classes)

    def forward(self, x):
        return self.fc((F.relu(self.bn(x)) if self.bn else x).mean((2, 3)))


def wide_resnet(depth, widen, classes=10):
    layers, inputs = [conv(3, 16, 3)], 16
    for stage, outputs in enumerate((16 * widen, 32 * widen, 64 * widen)):
        for k in range((depth - 4) // 6):
            layers.append(WideBlock(inputs, outputs, 2 if stage and not k else 1))
            inputs = outputs
    return layers + [Head(inputs, classes)]


def resnet18(classes=10):
    layers, inputs = [nn.Sequential(conv(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU())], 64
    for stage, outputs in enumerate((64, 128, 256, 512)):
        for k in range(2):
            layers.append(ResidualBlock(inputs, outputs, 2 if stage and not k else 1))
            inputs = outputs
    return layers + [Head(inputs, classes, norm=False)]


def densenet(depth, growth, classes=10):
    units, channels = (depth - 4) // 6, 2 * growth
    layers = [conv(3, channels, 3)]
    for stage in range(3):
        for _ in range(units):
            layers.append(DenseUnit(channels, growth))
            channels += growth
        if stage < 2:
            layers.append(Transition(channels, channels // 2))
            channels //= 2
    return layers + [Head(channels, classes)]


class ConvTrainer:
    """Forward, backward pass and Nesterov SGD; the first layers may be frozen, which records no graph for them."""

    def __init__(self, layers, batch, channels_last=False, frozen=0):
        torch.manual_seed(0)
        memory = torch.channels_last if channels_last else torch.contiguous_format
        self.layers, self.frozen = nn.ModuleList(layers).to(memory_format=memory), frozen
        for layer in self.layers[:frozen]:
            layer.eval()
        live = [parameter for layer in self.layers[frozen:] for parameter in layer.parameters()]
        self.optimizer = torch.optim.SGD(live, lr=0.01, momentum=0.9, nesterov=True, weight_decay=1e-4)
        self.x = torch.randn(batch, 3, 32, 32).contiguous(memory_format=memory)
        self.y = torch.arange(batch) % 10

    def step(self):
        with torch.no_grad():
            x = self.x
            for layer in self.layers[: self.frozen]:
                x = layer(x)
        for layer in self.layers[self.frozen :]:
            x = layer(x)
        self.optimizer.zero_grad()
        F.cross_entropy(x, self.y).backward()
        self.optimizer.step()
        return {}


NETS = {
    "wrn-28-2": lambda: wide_resnet(28, 2),
    "wrn-16-4": lambda: wide_resnet(16, 4),
    "wrn-10-2": lambda: wide_resnet(10, 2),
    "wrn-16-1": lambda: wide_resnet(16, 1),
    "resnet18": resnet18,
    "densenet-bc-40": lambda: densenet(40, 12),
}
