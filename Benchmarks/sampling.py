#!/usr/bin/env python3
"""Draws many images with DCGAN-32: graphc beside PyTorch's `no_grad` loop, and what graphc's memory does meanwhile.

    sampling.py [--graphc FILE] [--count N] [--rounds N]

PyTorch makes tensors alone, at each of some batch sizes, in both memory formats; graphc's inference is timed at the
same sizes, interleaved, by the median of the rounds. Then `graphc sample --each` makes all images as PNG files, and
its resident memory is looked at five times a second.

Needs a release build of graphc, and PyTorch.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import torch
from torch import nn

REPOSITORY = Path(__file__).resolve().parent.parent
MODEL = REPOSITORY / "models" / "dcgan-32.yaml"
BATCH_SIZES = (8, 16, 32, 64, 128, 256)
SECONDS = 1.0


def generator() -> nn.Module:
    def up(before: int, after: int) -> list[nn.Module]:
        return [nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(True)]

    first = [nn.ConvTranspose2d(100, 256, 4, 1, 0, bias=False), nn.BatchNorm2d(256), nn.ReLU(True)]
    last = [nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh()]
    return nn.Sequential(*first, *up(256, 128), *up(128, 64), *last).eval()


def torch_rate(network: nn.Module, batch_size: int, memory_format: torch.memory_format) -> float:
    """Images a second, noise included."""
    network = network.to(memory_format=memory_format)
    with torch.no_grad():
        for _ in range(3):
            network(torch.randn(batch_size, 100, 1, 1))
        images, start = 0, time.perf_counter()
        while time.perf_counter() - start < SECONDS:
            network(torch.randn(batch_size, 100, 1, 1))
            images += batch_size
        return images / (time.perf_counter() - start)


def graphc_rate(graphc: Path, batch_size: int) -> float:
    steps = max(4, 8192 // batch_size)
    command = [graphc, "bench", MODEL, "--function", "generator", "--batch-size", batch_size, "--steps", steps,
               "--format", "json"]
    result = json.loads(subprocess.check_output([str(part) for part in command], stderr=subprocess.DEVNULL))
    return result["images_per_second"]


def resident_bytes(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def sample(graphc: Path, run: Path, count: int, folder: Path) -> tuple[float, list[int]]:
    """Seconds, and the resident memory every fifth of a second."""
    start, memory = time.perf_counter(), []
    command = [graphc, "sample", run, "--count", count, "--each", folder]
    process = subprocess.Popen([str(part) for part in command], stderr=subprocess.DEVNULL)
    while process.poll() is None:
        memory.append(resident_bytes(process.pid))
        time.sleep(0.2)
    if process.returncode != 0:
        raise SystemExit(f"graphc sample ended with {process.returncode}")
    return time.perf_counter() - start, [size for size in memory if size]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graphc", type=Path, default=REPOSITORY / ".build/release/graphc")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    network = generator()
    formats = {"eager": torch.contiguous_format, "channels-last": torch.channels_last}
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(options.rounds):
        for size in BATCH_SIZES:
            rates.setdefault(("graphc", size), []).append(graphc_rate(options.graphc, size))
            for name, memory_format in formats.items():
                rates.setdefault((f"PyTorch {name}", size), []).append(torch_rate(network, size, memory_format))
    print("| images a second | " + " | ".join(f"batch {size}" for size in BATCH_SIZES) + " |")
    print("|---|" + "--:|" * len(BATCH_SIZES))
    for name in ("graphc", *(f"PyTorch {name}" for name in formats)):
        medians = [statistics.median(rates[name, size]) for size in BATCH_SIZES]
        print(f"| {name} | " + " | ".join(f"{rate:,.0f}" for rate in medians) + " |")
    best = {own: max(statistics.median(values) for (name, _), values in rates.items() if (name == "graphc") == own)
            for own in (True, False)}
    print(f"\nbest over best: {best[True] / best[False]:.2f}")

    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / "run"
        subprocess.run([str(options.graphc), "train", str(MODEL), "--out", str(run), "--max-steps", "1", "--set",
                        "train.data={synthetic: shapes}"], check=True, capture_output=True)
        seconds, memory = sample(options.graphc, run, options.count, Path(scratch) / "images")
    tenth, last = memory[len(memory) // 10], max(memory[-len(memory) // 2:])
    print(f"{options.count:,} PNG files in {seconds:.1f} s, {options.count / seconds:,.0f} a second; resident memory "
          f"{tenth / 1e6:.1f} MB after a tenth, at most {last / 1e6:.1f} MB in the second half")


if __name__ == "__main__":
    main()
