"""Answers one line of JSON for every line on standard input, so that its repetitions can alternate with others'.

    serve.py THREADS BATCH

First a line with "ready". Then "run NAME" does one repetition and gives its seconds, and those of its parts where it
has any; "memory" gives the peak of the process in bytes. What a name needs is built at its first repetition. Between
two lines the process sleeps.
"""

import json
import resource
import sys
import time


def say(**answer):
    print(json.dumps(answer), flush=True)


try:
    import torch
except ImportError:
    say(error="no torch")
    sys.exit(0)

from blocks import BlocksTrainer
from card import PRECISIONS, SIZES, CardTrainer
from convnets import NETS, ConvTrainer
from hog import ReleasedHog, SharedHog
from localmim import StepTrainer
from mim import MODELS, MimTrainer


def hog_run(hog, batch):
    images = torch.randn(batch, 3, 224, 224)

    def run():
        hog(images)
        return {}

    return run


PEERS = {
    "hog-released": lambda batch: hog_run(ReleasedHog(), batch),
    "hog-shared": lambda batch: hog_run(SharedHog(), batch),
    "step-released": lambda batch: StepTrainer(False, batch).step,
    "step-tuned": lambda batch: StepTrainer(True, batch).step,
    "step-bf16": lambda batch: StepTrainer(True, batch, bf16=True).step,
    "blocks-192": lambda batch: BlocksTrainer(192, 3, 64, 64, True).step,
    "blocks-768": lambda batch: BlocksTrainer(768, 12, 49, 8, True).step,
}


CONV_BATCH = 64

for net, layers in NETS.items():
    for words, last in (("nchw", False), ("last", True)):
        PEERS[f"conv-{net}-{words}"] = lambda _, layers=layers, last=last: ConvTrainer(layers(), CONV_BATCH, last).step
        PEERS[f"conv-{net}-frozen-9-{words}"] = lambda _, layers=layers, last=last: ConvTrainer(
            layers(), CONV_BATCH, last, 9
        ).step

for size in SIZES:
    for precision in PRECISIONS:
        for steps in (1, 10):
            PEERS[f"card-{size}-{precision}-{steps}"] = lambda batch, chosen=(size, precision), steps=steps: CardTrainer(
                *chosen, batch, steps
            ).step

for name, model in MODELS.items():
    PEERS[f"mim-{name}"] = lambda batch, model=model: MimTrainer(model, batch).step


def matmul_gflops():
    a, b = torch.randn(1568, 768), torch.randn(768, 3072)
    times = []
    for _ in range(12):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * 1568 * 768 * 3072 / sorted(times[2:])[5] / 1e9


def has_bf16():
    """Whether the processor multiplies bfloat16 itself; elsewhere autocast is slower than float32."""
    asked = (getattr(torch.cpu, name, lambda: False) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(bool(ask()) for ask in asked)


def peak_bytes():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main(threads, batch):
    torch.set_num_threads(threads)
    say(ready=True, torch=torch.__version__, threads=torch.get_num_threads(), gflops=matmul_gflops(), bf16=has_bf16())
    built = {}
    for line in sys.stdin:
        words = line.split()
        if words == ["memory"]:
            say(peakBytes=peak_bytes())
            continue
        if len(words) != 2 or words[0] != "run" or words[1] not in PEERS:
            say(error=f"unknown line '{line.strip()}'")
            continue
        name = words[1]
        try:
            if name not in built:
                built[name] = PEERS[name](batch)
        except RuntimeError as error:
            say(error=str(error).splitlines()[0])
            continue
        start = time.perf_counter()
        parts = built[name]()
        say(seconds=time.perf_counter() - start, parts=parts)


main(int(sys.argv[1]), int(sys.argv[2]))
