"""Files as torch.save writes them, for the reader's tests: python torch_files.py FOLDER [WEIGHTS]

Values are small and follow from their place, so that the same files come out of every run. Beside each X.pth that can be
read stands X.safetensors with the same values; `refused-*.pth` cannot be read. With WEIGHTS, a safetensors file, there is
also weights.pth: its tensors as a training script keeps them, beside an optimiser's state.
"""

import argparse
import collections
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import load_file, save_file


def numbers(*shape, dtype=torch.float32):
    count = int(np.prod(shape))
    return (torch.arange(count, dtype=torch.float64) * 0.25 - 1).reshape(shape).to(dtype)


def options():
    args = argparse.Namespace(lr=np.float64(0.1), epochs=3, out=pathlib.PurePosixPath("out"), betas=(0.9, 0.95))
    args.seen, args.device = {1, 2}, torch.device("cpu")
    return args


def checkpoint(tensors):
    parameters = [torch.nn.Parameter(tensor.clone()) for tensor in tensors.values()]
    optimizer = torch.optim.AdamW(parameters)
    sum(parameter.sum() for parameter in parameters).backward()
    optimizer.step()
    return {"model": tensors, "optimizer": optimizer.state_dict(), "epoch": 99, "scaler": {}, "args": options()}


def wrapped():
    return checkpoint({"weight": numbers(2, 3), "bias": numbers(2)})


class Unit(torch.nn.Module):
    """Batch norm and convolution, as every layer but the first and the last of FreezeOut's DenseNet without bottleneck."""

    def __init__(self, channels, growth, kernel):
        super().__init__()
        self.bn1 = torch.nn.BatchNorm2d(channels)
        self.conv1 = torch.nn.Conv2d(channels, growth, kernel, bias=False)


class DenseNet(torch.nn.Module):
    """Depth 7 and growth 2, three classes, under the released names."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 4, 3, bias=False)
        self.dense1, self.trans1 = torch.nn.Sequential(Unit(4, 2, 3)), Unit(6, 3, 1)
        self.dense2, self.trans2 = torch.nn.Sequential(Unit(3, 2, 3)), Unit(5, 2, 1)
        self.dense3, self.bn1, self.fc = torch.nn.Sequential(Unit(2, 2, 3)), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 3)


def convnet():
    net = torch.nn.DataParallel(DenseNet())
    for tensor in net.state_dict().values():
        tensor.copy_(numbers(*tensor.shape) if tensor.dim() else torch.tensor(5))
    return net.state_dict()


def readable():
    floats = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
    whole = (torch.int64, torch.int32, torch.int16, torch.int8)
    dtypes = {str(dtype)[6:]: numbers(3, dtype=dtype) for dtype in (*floats, *whole)}
    dtypes["uint8"], dtypes["uint16"] = numbers(9, dtype=torch.int8).abs().byte(), torch.tensor([1, 65535]).to(torch.uint16)
    dtypes["bool"] = torch.tensor([True, False])
    base, scalar = numbers(4, 6), torch.tensor(7.5)
    views = {"transposed": base.t(), "stepped": base[1::2, ::3], "narrow": base[1:3], "column": base[:, 2], "whole": base}
    views |= {"scalar": scalar, "empty": torch.zeros(0, 4), "permuted": numbers(2, 3, 4).permute(2, 0, 1)}
    dicts = collections.OrderedDict(weight=numbers(2, 3), bias=numbers(2))
    dicts._metadata = collections.OrderedDict(version=1)
    parameters = {"weight": torch.nn.Parameter(numbers(2, 3))}
    return {"ordered": dicts, "wrapped": wrapped(), "parameters": parameters, "dtypes": dtypes, "views": views, "convnet": convnet()}


def main(folder, weights=None):
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in readable().items():
        torch.save(value, folder / f"{name}.pth")
        tensors = value["model"] if name == "wrapped" else value
        plain = {key: tensor.detach().clone().contiguous() for key, tensor in tensors.items()}
        save_file(plain, folder / f"{name}.safetensors")
    torch.save(readable()["wrapped"], folder / "protocol4.pth", pickle_protocol=4)
    plain = {key: tensor.clone() for key, tensor in wrapped()["model"].items()}
    save_file(plain, folder / "protocol4.safetensors")
    torch.save({"weight": numbers(2)}, folder / "refused-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 1), folder / "refused-module.pth")
    torch.save({"weight": numbers(1).expand(1000)}, folder / "refused-repeated.pth")
    torch.jit.save(torch.jit.script(torch.nn.Identity()), folder / "refused-script.pth")
    if weights:
        torch.save(checkpoint(load_file(weights)), folder / "weights.pth")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
