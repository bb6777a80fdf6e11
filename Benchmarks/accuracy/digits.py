"""What the scripts about digits share: the images that the program carries, and how it is called."""

import gzip
import pathlib
import subprocess

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES = ROOT / "Sources" / "Datasets" / "Resources" / "digits-8x8-images-idx3-ubyte.gz"
LABELS = ROOT / "Sources" / "Datasets" / "Resources" / "digits-8x8-labels-idx1-ubyte.gz"


def idx(path):
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    rank = data[3]
    shape = [int.from_bytes(data[4 + 4 * axis:8 + 4 * axis], "big") for axis in range(rank)]
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * rank).reshape(shape)


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {result.stderr.strip()[-500:]}")
    return result.stderr
